package conformance

import (
	"bytes"
	"fmt"
	"testing"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

// TestOffers has MTAs of every age negotiate and send a message; the result is the same.
func TestOffers(t *testing.T) {
	spec := mta.UnixSpec(t)
	mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{`
function rcpt(conn) conn.n = (conn.n or 0) + 1 end
function header(conn, name, value) conn.fields = (conn.fields or 0) + 1 end
function body(conn, chunk) conn.bytes = (conn.bytes or 0) + #chunk end
function eom(conn, msg)
  msg:add_header("X-Seen", conn.n .. " " .. conn.fields .. " " .. conn.bytes)
end`}})
	for _, offer := range []protocol.Offer{
		protocol.FullOffer,
		{Version: 2, Actions: 0x3f, Steps: 0x7f},
		{Version: 3, Actions: 0x3f, Steps: 0x17f},
		{Version: 4, Actions: 0x3f, Steps: 0x37f},
		{Version: 6, Actions: protocol.ActAddHeader},
		{Version: 7, Actions: protocol.AllActions, Steps: protocol.AllSteps | protocol.MaxData1M},
		{Version: 6, Actions: protocol.AllActions, Steps: protocol.AllSteps &^ protocol.LeadingSpace},
	} {
		t.Run(fmt.Sprintf("version %d, actions %#x, steps %#x", offer.Version, uint32(offer.Actions), uint32(offer.Steps)), func(t *testing.T) {
			c := protocol.NewClient(dial(t, spec), patience)
			if _, err := c.Negotiate(offer); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second message on the connection begins anew
				changes := message(t, c, 100_000)
				if len(changes) != 1 || changes[0].Name != "X-Seen" || changes[0].Value != "2 1 100000" {
					t.Errorf("changes %v", changes)
				}
			}
			if err := c.Quit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// message plays a message with two recipients, one field and a body.
func message(t *testing.T, c *protocol.Client, size int) []protocol.Change {
	t.Helper()
	for _, ev := range []protocol.Event{
		&protocol.Mail{Sender: []byte("<a@example.com>"), Params: protocol.MakeParams("SIZE=1")},
		&protocol.Rcpt{Recipient: []byte("<b@example.com>")},
		&protocol.Rcpt{Recipient: []byte("<c@example.com>")},
		&protocol.Data{},
		&protocol.Header{Name: []byte("Subject"), Value: bytes.Repeat([]byte("long "), 20_000)},
		&protocol.EndOfHeader{},
	} {
		if r, err := c.Send(ev); err != nil || r.Verdict != protocol.Continue {
			t.Fatalf("%v: %v, %v", ev.Stage(), r, err)
		}
	}
	if r, err := c.Body(bytes.Repeat([]byte("0123456789"), size/10)); err != nil || r.Verdict != protocol.Continue {
		t.Fatalf("body: %v, %v", r, err)
	}
	changes, r, _, err := c.EndOfMessage()
	if err != nil || r.Verdict != protocol.Continue {
		t.Fatalf("eom: %v, %v", r, err)
	}
	return changes
}
