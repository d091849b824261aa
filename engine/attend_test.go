package engine

import (
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"luamilter/protocol"
)

// TestAttend serves one end of a pipe and compares the hooks that are shown.
func TestAttend(t *testing.T) {
	r := start(t, `
function negotiate(neg) end
function mail(conn, from) return accept end
function rcpt(conn, to) end
function close(conn) return 5 end
`, `
function rcpt(conn, to)
  if to == "c@example.net" then return nothing.there end
  return reject
end
`)
	ours, theirs := net.Pipe()
	var got []string
	r.engine.Attend(theirs, "", Attendant{Watch: func(h HookRun) {
		line := fmt.Sprintf("%s %v %s: %v", h.Script.Name, h.Stage, h.Event, h.Reply.Verdict)
		if h.Err != nil {
			line += " " + fmt.Sprint(h.Err.Line)
		} else if h.Line > 0 {
			line += fmt.Sprintf(" from %s:%d", filepath.Base(h.Path), h.Line)
		}
		if h.Took <= 0 {
			line += " in no time"
		}
		got = append(got, line)
	}})
	c := protocol.NewClient(ours, patience)
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	for _, ev := range []protocol.Event{
		&protocol.Mail{Sender: []byte("<a@example.com>")}, &protocol.Rcpt{Recipient: []byte("<b@example.net>")},
		&protocol.Rcpt{Recipient: []byte("<c@example.net>")},
	} {
		if _, err := c.Send(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	r.ended()
	equal(t, "hooks", got, []string{"first negotiate : continue", "first mail a@example.com: accept", "second rcpt b@example.net: reject from second.lua:2",
		"second rcpt c@example.net: tempfail 3", "first close : tempfail 5"})
}
