package policies

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) {
	// The cases wait for most of their time, until somebody is asked again; so all of them can run at a time, however many processors there are.
	if err := flag.Set("test.parallel", fmt.Sprint(len(policies()))); err != nil {
		panic(err)
	}
	os.Exit(mta.Main(m))
}

const (
	senders  = 3
	messages = 16 // of each sender in mid-traffic
	before   = 9  // of all of them before the gate is shut
)

// Whatever becomes of a service in mid-traffic, each message has the fate that the template promises, nothing is lost or comes twice, and when the
// service is well again, so is everything.
func TestPolicies(t *testing.T) {
	mta.Luamilter(t)
	p := &post{sink: mta.NewSink(t), arrived: map[string][]string{}}
	specs, filters := map[string]string{}, map[string][]mta.Filter{}
	for _, c := range policies() {
		specs[c.name] = mta.UnixSpec(t)
		filters[c.name] = []mta.Filter{{Milter: specs[c.name]}}
	}
	p.server = mta.Postfix(t, mta.Options{Others: filters, Relay: p.sink.Addr})
	t.Run("cases", func(t *testing.T) {
		for _, c := range policies() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, p, c, specs[c.name])
				s.begin()
				for _, m := range c.modes {
					s.outage(m)
				}
				s.judge()
				s.judgeLog()
			})
		}
	})
	p.judge(t)
	if log := p.server.Log(t); strings.Contains(log, "warning: milter") {
		t.Errorf("Postfix had trouble with its milters:\n%s", log)
	}
}

// judge looks for what is left behind, or came twice.
func (p *post) judge(t *testing.T) {
	t.Helper()
	left := p.server.Queue(t)
	for range patience {
		if len(left) == 0 {
			break
		}
		time.Sleep(pause) // the server has it still, when the sink has it already
		left = p.server.Queue(t)
	}
	if len(left) > 0 {
		t.Errorf("%v is left in the queue", left)
	}
	p.look(t)
	for id, fates := range p.arrived {
		if len(fates) > 1 && !strings.HasSuffix(id, "-regular") { // which is sent until it passes
			t.Errorf("%s arrived %d times", id, len(fates))
		}
	}
}

// begin sends what has to come first, and looks whether everything is well.
func (s *site) begin() {
	s.t.Helper()
	switch s.template {
	case "greylist":
		s.eventually("a sender passes who comes again", func() bool { return strings.HasPrefix(s.deliver(regular, s.name+"-regular"), "250") })
	case "ratelimit":
		s.deliver(s.kinds[0].make(0), s.name+"-first")
	}
	s.all()
}

// all sends a message of each kind, one after the other.
func (s *site) all() {
	for i := range s.kinds {
		s.send(&s.kinds[i])
	}
}

// outage shuts the gate in mid-traffic and opens it again.
func (s *site) outage(m mode) {
	s.t.Helper()
	first := s.count()
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			for j := range messages {
				s.send(&s.kinds[(i+j)%len(s.kinds)])
			}
		})
	}
	s.eventually("mail is sent", func() bool { return s.count() >= first+before })
	s.shut(m)
	sending.Wait()
	if asked, all := s.asked(), senders*messages; m == slow {
		s.t.Logf("slow: of %d messages it was asked %d times", all, asked)
		if asked > all/3 {
			s.t.Errorf("while it was slow it was asked %d times about %d messages: each costs a time-out", asked, all)
		}
	}
	s.enter("")
	s.set(well)
	first = s.count()
	s.eventually("after "+string(m)+" it is well again", func() bool { return strings.HasPrefix(s.send(&s.kinds[0]), reply(s.kinds[0].well)) })
	if s.hooks != nil {
		s.eventually("after "+string(m)+" the web server is told", s.allTold)
	}
	s.t.Logf("%s: it was well again after %d messages", m, s.count()-first)
	s.enter(well)
	s.all()
	s.all()
}

// allTold reports whether the web server was told of all that it is to be told of.
func (s *site) allTold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.sent {
		if m.kind.hooked && s.hooks.times(m.sender) == 0 {
			return false
		}
	}
	return true
}

// reply is what the client hears of a fate.
func reply(fate string) string {
	if fate == passes || fate == marked {
		return "250"
	}
	return fate
}

// judge looks at the fate of each message.
func (s *site) judge() {
	s.t.Helper()
	counts := map[string]int{}
	for _, m := range s.sent {
		if strings.HasPrefix(m.reply, "250") {
			s.eventually(m.id+" arrives", func() bool { s.look(s.t); return len(s.of(m.id)) > 0 })
		}
	}
	for _, m := range s.sent {
		fate := s.fate(m)
		if !s.allowed(m, fate) {
			s.t.Errorf("%s, %s, from %+v to %+v: %s; when well %s, in an outage %s", m.id, m.kind.name, m.begun, m.done, fate, m.kind.well, m.kind.outage)
		}
		counts[fate]++
		if s.hooks != nil {
			s.judgeHook(m)
		}
	}
	s.t.Logf("%d messages: %v", len(s.sent), counts)
}

// fate is what became of a message.
func (s *site) fate(m sent) string {
	arrived := s.of(m.id)
	switch accepted := strings.HasPrefix(m.reply, "250"); {
	case accepted && len(arrived) == 1:
		return arrived[0]
	case accepted:
		return "arrives more than once"
	case len(arrived) > 0:
		return "arrives after " + m.reply
	}
	return m.reply
}

// allowed reports whether a message may have a fate.
func (s *site) allowed(m sent, fate string) bool {
	is := func(want string) bool { return fate == want || reply(want) == want && strings.HasPrefix(fate, want) }
	switch {
	case m.begun != m.done || m.begun.mode == "":
		return is(m.kind.well) || is(m.kind.outage)
	case m.begun.mode == well:
		return is(m.kind.well)
	}
	return is(m.kind.outage)
}

// judgeHook looks whether the web server was told of a message: once, or more often if an answer of it may have been lost. That can be so where
// answers were held, and for what was under way when the gate was shut.
func (s *site) judgeHook(m sent) {
	s.t.Helper()
	n := s.hooks.times(m.sender)
	once := m.begun == m.done && (m.begun.mode == stopped || m.begun.mode == garbage || m.begun.mode == wrong)
	switch {
	case !m.kind.hooked && n > 0, m.kind.hooked && n == 0, once && n > 1:
		s.t.Errorf("%s, %s, from %+v to %+v: the web server was told %d times", m.id, m.kind.name, m.begun, m.done, n)
	}
}

// judgeLog looks at what somebody sees who looks at the log in the night: what is wrong once for each outage, and that it is over.
func (s *site) judgeLog() {
	s.t.Helper()
	s.eventually("the log says of each outage that it is over", func() bool {
		begun, over := s.told()
		return over == begun
	})
	for _, l := range s.daemon.Lines() {
		if bad := l.Level == "error" || l.Level == "warn"; bad && !s.tellsOfOutage(l.Message) && !strings.Contains(l.Message, "over the limit") {
			s.t.Errorf("a line that tells nobody of the outage: %s", l.Text)
		}
		if l.Level == "error" {
			s.t.Log(l.Text)
		}
	}
	if begun, _ := s.told(); begun == 0 || begun > len(s.modes)*len(s.log) {
		s.t.Errorf("of %d outages %d lines tell that they begin", len(s.modes), begun)
	}
}

// told returns how many lines of the log tell that an outage begins, and how many that one is over.
func (s *site) told() (begun, over int) {
	for _, l := range s.daemon.Lines() {
		switch {
		case l.Level == "error" && s.tellsOfOutage(l.Message):
			begun++
		case strings.HasSuffix(l.Message, "again"):
			over++
		}
	}
	return begun, over
}

func (s *site) tellsOfOutage(line string) bool {
	for _, text := range s.log {
		if strings.Contains(line, text) {
			return true
		}
	}
	return false
}
