package policies

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// post is what all cases share: Postfix with a listener for each, and where mail arrives.
type post struct {
	server *mta.Server
	sink   *mta.Sink

	mu      sync.Mutex
	arrived map[string][]string // fates by id of message, one for each time that it arrived
}

var idField = regexp.MustCompile(`(?m)^X-Id: (\S+)\r$`)

// look takes note of what has arrived.
func (p *post) look(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.sink.Waiting() > 0 {
		data := p.sink.Next(t).Data
		id := idField.FindSubmatch(data)
		if id == nil {
			t.Fatalf("a message that nobody sent:\n%s", data)
		}
		fate := passes
		if strings.Contains(string(data), "\r\nX-Virus-Scan: none\r\n") {
			fate = marked
		}
		p.arrived[string(id[1])] = append(p.arrived[string(id[1])], fate)
	}
}

// of returns how a message arrived, one fate for each time.
func (p *post) of(id string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.arrived[id]
}

// site is one case: a daemon with a script, and all mail that was sent to it.
type site struct {
	*post
	service
	policy
	t      *testing.T
	addr   string // of its SMTP listener
	daemon *mta.Process

	mu    sync.Mutex
	phase phase
	sent  []sent
}

// phase is a time in which the gate is as it is.
type phase struct {
	number int
	mode   mode // "" while it is not certain how the service does
}

// sent is a message that was sent.
type sent struct {
	id          string
	kind        *kind
	sender      string
	begun, done phase
	reply       string // that decided
}

func newSite(t *testing.T, p *post, c policy, spec string) *site {
	t.Helper()
	s := &site{post: p, service: c.start(t), policy: c, t: t, addr: p.server.Listener(t, c.name), phase: phase{0, well}}
	dir := mta.Dir(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "templates", c.template+".lua"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, c.template+".lua"), string(text))
	config := filepath.Join(dir, "luamilter.toml")
	write(t, config, fmt.Sprintf("listen = [%q]\nscripts = [%q]\n[log]\nformat = \"json\"\n[admin]\nlisten = %q\n%s",
		spec, c.template+".lua", "unix:"+filepath.Join(dir, "admin"), s.config))
	s.daemon = mta.Daemon(t, mta.Run{Args: []string{"-c", config}})
	return s
}

// enter begins a phase.
func (s *site) enter(m mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = phase{s.phase.number + 1, m}
}

// shut changes the gate in mid-traffic. What is under way meanwhile may have been asked before or after.
func (s *site) shut(m mode) {
	s.enter("")
	s.set(m)
	s.enter(m)
}

// count returns how many messages were sent.
func (s *site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

// send sends a message of a kind and takes note of what becomes of it. It returns the reply.
func (s *site) send(k *kind) (reply string) {
	s.mu.Lock()
	n := len(s.sent)
	m := k.make(n + 1)
	s.sent = append(s.sent, sent{id: fmt.Sprintf("%s-%d", s.name, n), kind: k, sender: m.sender, begun: s.phase})
	s.mu.Unlock()
	reply = s.deliver(m, fmt.Sprintf("%s-%d", s.name, n))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[n].reply, s.sent[n].done = reply, s.phase
	return reply
}

// deliver hands a message to Postfix, on behalf of its client, and returns the reply that decides.
func (s *site) deliver(m message, id string) (reply string) {
	c := mta.Dial(s.t, s.addr)
	defer c.Drop()
	who := "XCLIENT NAME=[UNAVAILABLE] ADDR=" + m.ip
	if m.login != "" {
		who += " LOGIN=" + m.login
	}
	for _, line := range []string{"EHLO client.example", who, "EHLO client.example", "MAIL FROM:<" + m.sender + ">", "RCPT TO:<" + m.recipient + ">", "DATA"} {
		reply = c.Command(line)
		if reply[0] != '2' && reply[0] != '3' {
			return reply
		}
	}
	reply = c.Message(fmt.Sprintf("X-Id: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: x\r\n\r\n%s\r\n", id, m.sender, m.recipient, m.body))
	c.Command("QUIT")
	return reply
}

// Something that must come is looked for so often, each time after a short pause.
const (
	patience = 600
	pause    = 100 * time.Millisecond
)

// eventually waits until something is so, with a test's time-out only.
func (s *site) eventually(what string, is func() bool) {
	s.t.Helper()
	for range patience {
		if is() {
			return
		}
		time.Sleep(pause)
	}
	s.t.Fatalf("%s: that does not happen", what)
}
