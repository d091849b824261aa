package mta

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

const message = "From: a@test.example\r\nTo: b@dest.example\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n" +
	"Message-ID: <1@test.example>\r\n\r\nhello\r\n.dot\r\n"

// TestRelay sends a message through each server without a filter: it must reach the sink, changed by nothing but one
// Received field.
func TestRelay(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := NewSink(t)
			s := server(t, Options{Relay: sink.Addr, Others: map[string][]Filter{"other": nil}})
			for _, addr := range []string{s.Addr, s.Listener(t, "other")} {
				c := Dial(t, addr)
				c.Expect("EHLO client.example", "250")
				c.Deliver("a@test.example", []string{"b@dest.example", "c@dest.example"}, message)
				c.Quit()
				m := sink.Next(t)
				if m.From != "<a@test.example>" || len(m.To) != 2 {
					t.Errorf("envelope from %s to %v", m.From, m.To)
				}
				own, rest, ok := strings.Cut(string(m.Data), "From: ")
				if !ok || !strings.HasPrefix(own, "Received: ") || "From: "+rest != message {
					t.Errorf("got %q", m.Data)
				}
			}
			if s.Log(t) == "" {
				t.Error("no log")
			}
		})
	}
}

// TestFailure shows what each server does with mail while its filter is away.
func TestFailure(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink, away := NewSink(t), InetSpec(t)
			others := map[string][]Filter{
				"accept": {{Milter: away, Failure: Accept}},
				"reject": {{Milter: away, Failure: Reject}},
			}
			if name == "postfix" {
				others["quarantine"] = []Filter{{Milter: away, Failure: Quarantine}}
			} else {
				others["shutdown"] = []Filter{{Milter: away, Failure: Shutdown}}
			}
			s := server(t, Options{Relay: sink.Addr, Filters: []Filter{{Milter: away}}, Others: others})

			c := Dial(t, s.Addr)
			c.Expect("EHLO client.example", "250")
			c.Expect("MAIL FROM:<a@test.example>", "451")

			if c = Dial(t, s.Listener(t, "reject")); !strings.HasPrefix(c.Greeting, "554") {
				t.Errorf("reject: greeting %q", c.Greeting)
			}

			c = Dial(t, s.Listener(t, "accept"))
			c.Expect("EHLO client.example", "250")
			c.Deliver("a@test.example", []string{"b@dest.example"}, message)
			sink.Next(t)

			if name == "sendmail" {
				if c = Dial(t, s.Listener(t, "shutdown")); !strings.HasPrefix(c.Greeting, "421") {
					t.Errorf("shutdown: greeting %q", c.Greeting)
				}
				return
			}
			c = Dial(t, s.Listener(t, "quarantine"))
			c.Expect("EHLO client.example", "250")
			c.Deliver("q@test.example", []string{"b@dest.example"}, message)
			if q := s.Queue(t); len(q) != 1 || !q[0].Held || q[0].Sender != "q@test.example" {
				t.Errorf("queue %v", q)
			}
		})
	}
}

var servers = map[string]func(testing.TB, Options) *Server{"postfix": Postfix, "sendmail": Sendmail}

// TestSink checks that the sink gives back exactly what a client has sent: dots, long lines, bare line ends, many
// recipients, parameters.
func TestSink(t *testing.T) {
	sink := NewSink(t)
	c := Dial(t, sink.Addr)
	c.Expect("EHLO client.example", "250")
	c.Expect("MAIL FROM:<a@test.example> SIZE=12 BODY=8BITMIME", "250")
	for i := range 600 {
		c.Expect(fmt.Sprintf("RCPT TO:<r%d@dest.example> NOTIFY=NEVER", i), "250")
	}
	text := ".\r\n..\r\n.x\n.\nx\r.\r\n" + strings.Repeat("long ", 40000) + "\r\n.\xff\x00\r\n"
	c.Expect("DATA", "354")
	if reply := c.Message(text); !strings.HasPrefix(reply, "250") {
		t.Fatal(reply)
	}
	m := sink.Next(t)
	if string(m.Data) != text {
		t.Errorf("got %.200q", m.Data)
	}
	if m.From != "<a@test.example>" || strings.Join(m.Params, " ") != "SIZE=12 BODY=8BITMIME" {
		t.Errorf("from %s %v", m.From, m.Params)
	}
	last := m.To[len(m.To)-1]
	if len(m.To) != 600 || last.Address != "<r599@dest.example>" || len(last.Params) != 1 {
		t.Errorf("%d recipients, last %v", len(m.To), last)
	}
	c.Expect("RSET", "250")
	c.Quit()
	if sink.Waiting() != 0 {
		t.Errorf("%d messages too many", sink.Waiting())
	}
}
