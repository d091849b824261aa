package simulate

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
)

// TestMacrosOfBothMTAs compares the macros that a filter gets with what each MTA sends by itself.
func TestMacrosOfBothMTAs(t *testing.T) {
	for _, c := range []struct {
		mta  MTA
		want []string // by stage: those of the list, and a field's
	}{
		{DefaultMTA, []string{"connect _ daemon_addr daemon_name j v", "helo", "mail mail_addr mail_host mail_mailer", "rcpt rcpt_addr rcpt_host rcpt_mailer",
			"data i", "header i", "eoh i", "body i", "eom i"}},
		{DefaultSendmail, []string{"connect _ daemon_name if_addr if_name j", "helo", "mail i mail_addr mail_host mail_mailer", "rcpt rcpt_addr rcpt_host rcpt_mailer",
			"data", "eoh", "eom msg_id"}},
	} {
		t.Run(c.mta.Version, func(t *testing.T) {
			ours, theirs := net.Pipe()
			got := make(chan []string, 1)
			go func() { got <- takeAll(theirs) }()
			s, err := Attach(ours, c.mta, protocol.FullOffer, 10*time.Second, DefaultClient)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Send(NewEnvelope("a@example.com", "b@example.net"), ReadMessage([]byte("Message-ID: <1@example.com>\n\nHello.\n"))); err != nil {
				t.Fatal(err)
			}
			if err := s.Quit(); err != nil {
				t.Fatal(err)
			}
			if packets := <-got; !slices.Equal(packets, c.want) {
				t.Errorf("got  %q\nwant %q", packets, c.want)
			}
		})
	}
}

// takeAll is a filter that takes everything; it returns the macro packets that came, by stage and name.
func takeAll(conn net.Conn) (packets []string) {
	defer conn.Close()
	in := protocol.NewPacketReader(conn)
	defer in.Close()
	for {
		letter, payload, err := in.Next()
		if err != nil {
			return packets
		}
		answer := protocol.AppendPacket(nil, byte(protocol.RespContinue))
		switch protocol.Command(letter) {
		case protocol.CmdMacro:
			packets = append(packets, describeMacros(payload))
			continue
		case protocol.CmdAbort, protocol.CmdQuit:
			continue
		case protocol.CmdOptNeg:
			answer = protocol.AppendOffer(nil, protocol.Offer{Version: protocol.MaxVersion})
		}
		if _, err := conn.Write(answer); err != nil {
			return packets
		}
	}
}

// describeMacros returns the stage of a packet and its names in order.
func describeMacros(payload []byte) string {
	stage := ""
	for s := range protocol.Stage(protocol.NumStages) {
		if s.Command() == protocol.Command(payload[0]) {
			stage = s.String()
		}
	}
	var names []string
	for i, text := range strings.Split(strings.TrimSuffix(string(payload[1:]), "\x00"), "\x00") {
		if i%2 == 0 && text != "" {
			names = append(names, strings.Trim(text, "{}"))
		}
	}
	slices.Sort(names)
	return strings.TrimRight(stage+" "+strings.Join(names, " "), " ")
}

func TestOffersOfVersions(t *testing.T) {
	for _, c := range []struct {
		version int
		actions protocol.Actions
		steps   protocol.Steps
	}{
		{2, 0x3f, 0x7f}, {3, 0x3f, 0x17f}, {4, 0x3f, 0x37f}, {6, protocol.AllActions, protocol.AllSteps},
	} {
		if o, err := OfferOf(c.version); err != nil || int(o.Version) != c.version || o.Actions != c.actions || o.Steps != c.steps {
			t.Errorf("version %d: %+v, %v", c.version, o, err)
		}
	}
	if _, err := OfferOf(5); err == nil {
		t.Error("version 5 is offered")
	}
}
