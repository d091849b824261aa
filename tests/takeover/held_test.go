package takeover

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

// held is an SMTP session that stands still at one point while something is done to the filter.
type held struct {
	name   string
	client *mta.Client
	phase  int
	rest   []step // of the first message
	reply  string
}

// step is a part of sending a message.
type step struct {
	send  string
	reply bool // there is one
}

// steps are those of a message.
func steps(id string, fields ...string) []step {
	message := text(id, fields...)
	return []step{
		{"MAIL FROM:<" + id + "@test.example>\r\n", true}, {"RCPT TO:<b@dest.example>\r\n", true}, {"DATA\r\n", true},
		{message[:60], false}, {message[60:] + ".\r\n", false}, {"", true},
	}
}

// points are where sessions are held: behind so many steps of their first message.
var points = []struct {
	name   string
	steps  int
	fields []string
}{
	{"greeted", 0, nil},
	{"sender", 1, nil},
	{"recipient", 2, nil},
	{"body", 4, nil},
	{"eom", 5, []string{"X-Slow: yes"}},
	{"delivered", 6, nil},
}

// hold opens a session for each point, and waits until the filter works on the message of the one in eom.
func hold(t *testing.T, addr string, phase int, d *mta.Process) []*held {
	t.Helper()
	var all []*held
	for _, p := range points {
		h := &held{name: fmt.Sprintf("%s-%d", p.name, phase), client: mta.Dial(t, addr), phase: phase}
		h.client.Expect("EHLO client.example", "250")
		first := steps(h.name+"-0", p.fields...)
		h.rest = first[p.steps:]
		h.say(first[:p.steps])
		if h.reply != "" && h.reply[0] > '3' {
			t.Fatalf("%s: reply %q", h.name, h.reply)
		}
		all = append(all, h)
	}
	d.WaitLine(t, "slowly")
	return all
}

// finish has the sessions send the rest of their first message, and another one, and end. It returns all that they sent.
func finish(all []*held) []mail {
	var sent []mail
	for _, h := range all {
		h.say(h.rest)
		sent = append(sent, mail{h.name + "-0", h.phase, h.reply})
		h.say(steps(h.name + "-1"))
		sent = append(sent, mail{h.name + "-1", h.phase, h.reply})
		h.client.Quit()
	}
	return sent
}

// say does some steps, as far as the server takes them.
func (h *held) say(steps []step) {
	for _, s := range steps {
		if s.send != "" {
			h.client.Send(s.send)
		}
		if !s.reply {
			continue
		}
		if h.reply = h.client.Read(); h.reply[0] > '3' {
			return
		}
	}
}

// knocks are connections to the filter's socket, one after the other all the time. Each must be accepted, and answered.
type knocks struct {
	stop    chan struct{}
	done    sync.WaitGroup
	count   int
	refused []error
}

// newKnocks begins to connect.
func newKnocks(network, address string) *knocks {
	k := &knocks{stop: make(chan struct{})}
	k.done.Go(func() {
		for range 100_000 {
			select {
			case <-k.stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
			k.count++
			if err := knock(network, address); err != nil {
				k.refused = append(k.refused, err)
			}
		}
	})
	return k
}

// end stops, and checks what came of it.
func (k *knocks) end(t *testing.T) {
	t.Helper()
	close(k.stop)
	k.done.Wait()
	for _, err := range k.refused {
		t.Errorf("a connection to the socket: %v", err)
	}
	if k.count < 10 {
		t.Errorf("only %d connections were tried", k.count)
	}
}

// knock connects, has the filter answer an offer, and leaves.
func knock(network, address string) error {
	conn, err := net.DialTimeout(network, address, patience)
	if err != nil {
		return err
	}
	c := protocol.NewClient(conn, patience)
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		_ = c.Close()
		return err
	}
	return c.Quit()
}
