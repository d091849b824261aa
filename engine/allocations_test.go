package engine

import (
	"io"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/protocol"
)

// What an event costs in allocations: the difference between messages with and without it.
func TestAllocations(t *testing.T) {
	begin := packet(protocol.CmdMail, "<sender@example.com>")
	end := packet(protocol.CmdEOM)
	for _, c := range []struct {
		name, script  string
		event         []byte
		most, without float64 // per event; of a message without it, negative where that does not count
	}{
		{"an event that no script has a hook for", `function eom() end`, packet(protocol.CmdData), 0, -1},
		{"a hook", `function data(conn) end function eom() end`, packet(protocol.CmdData), 0, -1},
		{"a recipient", `function rcpt(conn, address) end function eom() end`, packet(protocol.CmdRcpt, "<user@example.org>"), 0, -1},
		{"a header field", `function header(conn, name, value) end function eom() end`, packet(protocol.CmdHeader, "Subject", "a value that is longer than what is remembered"), 2, -1},
		{"a message with a field added", `function eom(conn, msg) msg:add_header("X-Added", "yes") end`, nil, 0, 5}, // one for the sender; at the end conn (2), msg, the name of the method
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Load([]string{writeScript(t, "bench", c.script)}, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
			if err != nil {
				t.Fatal(err)
			}
			perMessage := func(events int) float64 {
				message := slices.Concat(begin, slices.Repeat(c.event, events), end)
				const messages = 200
				return testing.AllocsPerRun(5, func() {
					s := newSession(New(map[string]*Program{"": p}, zerolog.Nop()), job{conn: &loopConn{begin: benchOffer(), message: message, times: messages}, id: "bench"})
					if err := s.talk(); err != io.EOF {
						t.Fatal(err)
					}
					s.giveBack()
				}) / messages
			}
			none := perMessage(0)
			if c.without >= 0 && none > c.without+0.5 {
				t.Errorf("%.2f allocations, want at most %v", none, c.without)
			}
			if each := (perMessage(10) - none) / 10; each > c.most+0.1 {
				t.Errorf("%.2f allocations, want at most %v", each, c.most)
			}
		})
	}
}
