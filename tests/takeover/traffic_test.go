package takeover

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// patience is how long a reply may take, on a busy machine.
const patience = 2 * time.Minute

// mail is a message that a client sent, or began to send.
type mail struct {
	id    string
	phase int    // of the traffic when its session began; straddling if that took longer than the phase
	reply string // the last: to the message, or to what was refused before
}

// straddling is the phase of sessions that began in one and met the filter, which they do before they are greeted, in another.
const straddling = -1

func (m mail) accepted() bool { return strings.HasPrefix(m.reply, "250") }

// traffic is clients that send mail at the same time: some a message for each session, some many.
type traffic struct {
	addr    string
	stop    chan struct{}
	stopped sync.Once
	clients sync.WaitGroup

	mu    sync.Mutex
	phase int
	sent  []mail
	news  chan struct{} // closed and replaced with each message
	lost  []string      // what should not happen, whatever is done to the filter
}

const (
	shortClients, longClients = 3, 3
	perLongSession            = 6
	maxSessions               = 5000 // of a client
	pause                     = 4 * time.Millisecond
)

// newTraffic begins to send to a mail server. It ends with the test, if not before.
func newTraffic(t *testing.T, addr string) *traffic {
	r := &traffic{addr: addr, stop: make(chan struct{}), news: make(chan struct{})}
	for i := range shortClients + longClients {
		messages := 1
		if i >= shortClients {
			messages = perLongSession
		}
		r.clients.Go(func() { r.client(i, messages) })
	}
	t.Cleanup(func() { r.end(t) })
	return r
}

// end has the clients finish, and returns all that was sent.
func (r *traffic) end(t *testing.T) []mail {
	t.Helper()
	r.stopped.Do(func() { close(r.stop) })
	r.clients.Wait()
	for _, what := range r.lost {
		t.Error(what)
	}
	r.lost = nil
	return r.sent
}

// next begins a phase and returns its number: sessions that begin from now on belong to it.
func (r *traffic) next() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phase++
	return r.phase
}

func (r *traffic) now() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.phase
}

// await waits until n messages of sessions that began in a phase have the wanted end.
func (r *traffic) await(t *testing.T, n, phase int, accepted bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		count, news := 0, r.news
		for _, m := range r.sent {
			if m.phase == phase && m.accepted() == accepted {
				count++
			}
		}
		r.mu.Unlock()
		if count >= n {
			return
		}
		select {
		case <-news:
		case <-deadline:
			t.Fatalf("of the sessions of phase %d, only %d messages were accepted=%v, want %d", phase, count, accepted, n)
		}
	}
}

// client sends messages until the end, so many in each session.
func (r *traffic) client(number, messages int) {
	for n := range maxSessions {
		select {
		case <-r.stop:
			return
		case <-time.After(pause):
		}
		if err := r.session(fmt.Sprintf("c%d-%d", number, n), messages); err != nil {
			r.mu.Lock()
			r.lost = append(r.lost, fmt.Sprintf("session %d of client %d: %v", n, number, err))
			r.mu.Unlock()
			return
		}
	}
}

// session is one SMTP session. A refusal is no error and goes into the books; a server that does not answer is one.
func (r *traffic) session(name string, messages int) error {
	phase := r.now()
	conn, err := net.DialTimeout("tcp4", r.addr, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i, line := range []string{"", "EHLO client.example\r\n"} {
		if reply, err := mta.Ask(conn, in, line); err != nil || reply[0] != '2' {
			return fmt.Errorf("step %d: reply %q, %v", i, reply, err)
		}
	}
	if r.now() != phase {
		phase = straddling
	}
	for n := range messages {
		m := mail{id: fmt.Sprintf("%s-%d", name, n), phase: phase}
		for _, line := range []string{"MAIL FROM:<" + m.id + "@test.example>\r\n", "RCPT TO:<b@dest.example>\r\n", "DATA\r\n", text(m.id) + ".\r\n"} {
			if m.reply, err = mta.Ask(conn, in, line); err != nil {
				return fmt.Errorf("%s: %w", m.id, err)
			}
			if m.reply[0] > '3' {
				break
			}
		}
		r.note(m)
		if !m.accepted() {
			break // as decent clients do
		}
	}
	_, err = mta.Ask(conn, in, "QUIT\r\n")
	return err
}

// note enters a message into the books.
func (r *traffic) note(m mail) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, m)
	close(r.news)
	r.news = make(chan struct{})
}

// text is a message.
func text(id string, more ...string) string {
	fields := append(more, "From: a@test.example", "To: b@dest.example", "Date: Mon, 1 Jan 2024 00:00:00 +0000", "Message-ID: <"+id+"@test.example>", "Subject: hello")
	return strings.Join(fields, "\r\n") + "\r\n\r\nThis is " + id + ".\r\n"
}

// books say what was sent and what came out.
type books struct {
	sent      []mail
	delivered map[string][]string // the marks of each message, by its id
}

// settle waits until Postfix has delivered everything, and checks that this is just what it had accepted, each message once.
func (s site) settle(t *testing.T, sent []mail) books {
	t.Helper()
	b := books{sent, map[string][]string{}}
	accepted := map[string]bool{}
	for _, m := range sent {
		if m.accepted() {
			accepted[m.id] = true
		}
	}
	for range accepted {
		d := s.sink.Next(t)
		id := strings.TrimSuffix(strings.TrimPrefix(d.From, "<"), "@test.example>")
		if _, twice := b.delivered[id]; twice {
			t.Errorf("%s was delivered twice", id)
		}
		if !accepted[id] {
			t.Errorf("%s was delivered; the client had been told that it was not accepted", id)
		}
		b.delivered[id] = marks(d)
	}
	for id := range accepted {
		if _, found := b.delivered[id]; !found {
			t.Errorf("%s was accepted and not delivered", id)
		}
	}
	s.nothingLeft(t)
	return b
}

// nothingLeft checks that no other message was delivered, or is in the queue.
func (s site) nothingLeft(t *testing.T) {
	t.Helper()
	var left []mta.Queued
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if left = s.server.Queue(t); len(left) == 0 {
			break
		}
	}
	if len(left) > 0 {
		t.Errorf("in the queue of Postfix: %v", left)
	}
	if n := s.sink.Waiting(); n > 0 {
		t.Errorf("%d messages were delivered that were not accepted, or twice", n)
	}
}

// marks are the values of the fields X-Mark.
func marks(d *mta.Delivered) []string {
	header, _, _ := strings.Cut(string(d.Data), "\r\n\r\n")
	var found []string
	for line := range strings.SplitSeq(header, "\r\n") {
		if mark, ok := strings.CutPrefix(line, "X-Mark: "); ok {
			found = append(found, mark)
		}
	}
	return found
}

// allAccepted checks that no client was refused anything.
func (b books) allAccepted(t *testing.T) {
	t.Helper()
	for _, m := range b.sent {
		if !m.accepted() {
			t.Errorf("%s, phase %d: reply %q", m.id, m.phase, m.reply)
		}
	}
}

// marked checks the messages that were delivered, of sessions that began in a phase: each has one of the given marks, once; "" is none.
func (b books) marked(t *testing.T, phase int, want ...string) {
	t.Helper()
	if b.markedIfAny(t, phase, want...) == 0 {
		t.Errorf("no message of phase %d was delivered: the test proves nothing", phase)
	}
}

// markedIfAny does so for a phase that may have been too short for a message; it returns how many there are.
func (b books) markedIfAny(t *testing.T, phase int, want ...string) int {
	t.Helper()
	seen := 0
	for _, m := range b.sent {
		got, delivered := b.delivered[m.id]
		if m.phase != phase || !delivered {
			continue
		}
		seen++
		if len(got) > 1 || !slices.Contains(want, strings.Join(got, "")) {
			t.Errorf("%s, phase %d, has marks %q, want one of %q", m.id, phase, got, want)
		}
	}
	return seen
}
