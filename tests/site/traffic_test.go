package site

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"luamilter/tests/mta"
)

// patience is how long anything may take, on a busy machine.
const patience = 90 * time.Second

const (
	clients    = 3     // for each mail server
	perSession = 4     // messages at most
	perSender  = 20    // of all clients together, one after the other; fewer than a sender may send
	most       = 20000 // messages of a client
	tries      = 500   // to send one
	pause      = 20 * time.Millisecond
)

// message is one that a client sends, until it is accepted.
type message struct {
	id, sender string
	server     string // that it goes to
	phase      int    // of the session in which it was accepted; 0 before
	refusals   []refusal
}

// refusal is what a mail server said instead.
type refusal struct {
	phase int // of the session
	verb  string
	reply string
}

// traffic is clients that send mail at the same time, as decent ones do: they try again what is refused for the time being.
type traffic struct {
	stop    chan struct{}
	stopped sync.Once
	clients sync.WaitGroup

	mu       sync.Mutex
	phase    int
	open     map[int]int // sessions of a phase
	senders  int         // messages so far that got a sender
	messages map[string]*message
	wrong    []string // what should not happen, whatever is done to the site
}

// newTraffic begins to send to the mail servers.
func newTraffic(servers []*mta.Server) *traffic {
	r := &traffic{stop: make(chan struct{}), phase: 1, open: map[int]int{}, messages: map[string]*message{}}
	for _, server := range servers {
		for i := range clients {
			r.clients.Go(func() { r.client(server, fmt.Sprintf("%s%d", server.Name, i)) })
		}
	}
	return r
}

// end has the clients finish: what they have begun, they send.
func (r *traffic) end() {
	r.stopped.Do(func() { close(r.stop) })
	r.clients.Wait()
}

// next begins a phase: sessions that begin from now on belong to it.
func (r *traffic) next() (phase int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phase++
	return r.phase
}

// message returns a new one, for a sender of its own or for one that others have as well.
func (r *traffic) message(server *mta.Server, id, sender string) *message {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sender == "" {
		sender = fmt.Sprintf("sender%d@example.com", r.senders/perSender)
		r.senders++
	}
	m := &message{id: id, sender: sender, server: server.Name}
	r.messages[id] = m
	return m
}

// client sends messages until the end, a few in each session.
func (r *traffic) client(server *mta.Server, name string) {
	for n, session := 0, 0; n < most; session++ {
		var batch []*message
		for range 1 + session%perSession {
			batch = append(batch, r.message(server, fmt.Sprintf("%s-%d", name, n), ""))
			n++
		}
		if err := r.send(server, batch); err != nil {
			r.mu.Lock()
			r.wrong = append(r.wrong, err.Error())
			r.mu.Unlock()
			return
		}
		select {
		case <-r.stop:
			return
		case <-time.After(pause):
		}
	}
}

// send sends messages, in several sessions if some are refused.
func (r *traffic) send(server *mta.Server, batch []*message) error {
	for range tries {
		rest, err := r.session(server.Addr, batch)
		if err != nil {
			return fmt.Errorf("%s: %w", rest[0].id, err)
		}
		if len(rest) == 0 {
			return nil
		}
		batch = rest
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%s was refused %d times, the last time with %v", batch[0].id, tries, batch[0].refusals[tries-1])
}

// session sends messages in an SMTP session until one is refused, and returns those that were not accepted. A server that does not answer, or
// refuses for good, is an error.
func (r *traffic) session(addr string, batch []*message) (rest []*message, err error) {
	phase := r.begin()
	defer r.over(phase)
	conn, err := net.DialTimeout("tcp4", addr, patience)
	if err != nil {
		return batch, err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i, m := range batch {
		lines := []string{"MAIL FROM:<" + m.sender + ">\r\n", "RCPT TO:<reader@dest.example>\r\n", "DATA\r\n", text(m.id) + ".\r\n"}
		if i == 0 {
			lines = append([]string{"", "EHLO client.example\r\n"}, lines...)
		}
		for _, line := range lines {
			reply, err := mta.Ask(conn, in, line)
			if err != nil {
				return batch[i:], err
			}
			if reply[0] > '3' {
				return batch[i:], r.refused(m, phase, line, reply)
			}
		}
		r.accepted(m, phase)
	}
	_, err = mta.Ask(conn, in, "QUIT\r\n")
	return nil, err
}

// begin begins a session, and returns its phase.
func (r *traffic) begin() (phase int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[r.phase]++
	return r.phase
}

// over ends a session.
func (r *traffic) over(phase int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[phase]--
}

// alone reports whether no session is open that began before a phase.
func (r *traffic) alone(phase int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, n := range r.open {
		if p < phase && n > 0 {
			return false
		}
	}
	return true
}

// accepted enters into the books that a message was accepted.
func (r *traffic) accepted(m *message, phase int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.phase = phase
}

// refused enters into the books that a message was refused. The error says that it is so for good.
func (r *traffic) refused(m *message, phase int, line, reply string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	if verb == "From:" {
		verb = "end of message"
	}
	m.refusals = append(m.refusals, refusal{phase, verb, reply})
	if reply[0] != '4' {
		return fmt.Errorf("reply %s", reply)
	}
	return nil
}

// text is a message.
func text(id string) string {
	fields := []string{"From: a@example.com", "To: reader@dest.example", "Date: Mon, 1 Jan 2024 00:00:00 +0000", "Message-ID: <" + id + "@example.com>", "Subject: " + id}
	return strings.Join(fields, "\r\n") + "\r\n\r\nThis is " + id + ".\r\n"
}
