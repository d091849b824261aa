package mta

import (
	"bufio"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Options say how a mail server is set up.
type Options struct {
	Filters []Filter            // of the listener at Server.Addr, asked in this order
	Others  map[string][]Filter // further listeners by name, each with filters of its own
	Local   []Filter            // asked about mail from Server.Submit
	Relay   string              // host:port that all mail is relayed to; with Postfix it may be "", and all mail is thrown away
	TLS     bool                // offer STARTTLS, with a certificate made for the purpose
	Lines   []string            // added to main.cf (Postfix) or to the m4 source of sendmail.cf (Sendmail)
}

// Filter is one milter of a listener.
type Filter struct {
	Milter  string        // where it listens, spelled as for luamilter: inet:port@host or unix:/path
	Failure Failure       // what the server does without it; Tempfail if empty
	Timeout time.Duration // how long the server waits for an answer; if zero, as long as it does by default.
	// Sendmail waits five times as long for the end of a message, however often it hears of progress.
	Protocol int // the highest version of the milter protocol that Postfix offers, if not its newest; Sendmail cannot do less
}

// Failure is what a mail server does about mail when it cannot reach its filter.
type Failure string

// The ways to go on without a filter.
const (
	Tempfail   Failure = "tempfail"
	Accept     Failure = "accept"
	Reject     Failure = "reject"
	Quarantine Failure = "quarantine" // Postfix only
	Shutdown   Failure = "shutdown"   // Sendmail only (F=4); Postfix has it since 3.11
)

// Host is the name under which the servers know themselves.
const Host = "mx.test.example"

// Refused is a recipient that the servers refuse themselves, whatever their filters say.
const Refused = "refused@dest.example"

// Server is a running mail server.
type Server struct {
	Name string // "postfix" or "sendmail"
	Addr string // host:port of the SMTP listener with Options.Filters

	dir     string            // everything of this server is in here
	others  map[string]string // addresses of the further listeners
	log     string            // path of the log file
	process *process
	queue   func(testing.TB) []Queued
	submit  func(t testing.TB, from string, to []string, message string)
}

// Listener returns the host:port of a listener named in Options.Others.
func (s *Server) Listener(t testing.TB, name string) string {
	t.Helper()
	addr, ok := s.others[name]
	if !ok {
		t.Fatalf("%s has no listener %q", s.Name, name)
	}
	return addr
}

// Queue returns the messages in the server's queue: those not delivered yet and those held.
func (s *Server) Queue(t testing.TB) []Queued {
	t.Helper()
	return s.queue(t)
}

// Submit hands the server a message as a program on the same machine does, without SMTP over the network: for Postfix
// through sendmail(1), for Sendmail through its standard input (sendmail -bs). Line ends are LF.
func (s *Server) Submit(t testing.TB, from string, to []string, message string) {
	t.Helper()
	s.submit(t, from, to, message)
}

// Log returns what the server has logged so far.
func (s *Server) Log(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(s.log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// launch waits until every listener of the server that was just started accepts connections, and arranges for its
// end.
func (s *Server) launch(t testing.TB, p *process) {
	t.Helper()
	s.process = p
	t.Cleanup(func() {
		p.terminate()
		if err := p.wait(10 * time.Second); err != nil {
			t.Errorf("stop %s: %v", s.Name, err)
		}
		stopWithin(s.dir)
	})
	addrs := slices.Collect(maps.Values(s.others))
	for _, addr := range append(addrs, s.Addr) {
		ready := eventually(20*time.Second, func() bool {
			return greets(addr) || !p.running()
		})
		if !ready || !p.running() {
			t.Fatalf("%s does not listen on %s:\n%s", s.Name, addr, s.Log(t))
		}
	}
}

// greets tells whether a server says something to its clients. By then it has also looked for its filter, which may
// start now without ever hearing of this.
func greets(addr string) bool {
	conn, err := net.Dial("tcp4", addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return false
	}
	_, err = bufio.NewReader(conn).ReadString('\n')
	return err == nil
}

// addresses picks an address for every listener.
func (s *Server) addresses(t testing.TB, o Options) {
	t.Helper()
	s.Addr = loopback(t)
	s.others = make(map[string]string)
	for name := range o.Others {
		s.others[name] = loopback(t)
	}
}

// write creates a file of the server's set-up.
func write(t testing.TB, text string, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
