package dns

import (
	"net"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"
)

// A server that does not answer is asked after the one that does.
func TestNextServer(t *testing.T) {
	dead, alive := startServer(t), startServer(t)
	dead.be(true)
	r := resolver(t, impatient, dead, alive)
	if got := show(r, "host.example.com", A); got != `"192.0.2.80"` {
		t.Error(got)
	}
	if got := dead.log(); got != "udp A of host.example.com" {
		t.Errorf("the first was asked %q", got)
	}
	if got := show(r, "example.com", AAAA); got != `"2001:db8::1"` || strings.Contains(dead.log(), "AAAA") {
		t.Errorf("%s; the first was asked %q", got, dead.log())
	}
}

// A server that cannot find out is asked once; another may know.
func TestServerFailure(t *testing.T) {
	one, other := startServer(t), startServer(t)
	one.does("example.com", rcode(wire.RcodeServerFailure))
	r := resolver(t, nil, one, other)
	if got := show(r, "example.com", AAAA); got != `"2001:db8::1"` {
		t.Error(got)
	}
	other.does("example.com", rcode(wire.RcodeServerFailure))
	if got := show(r, "example.com", MX); !strings.HasSuffix(got, "at "+other.address+": the name server says SERVFAIL") {
		t.Error(got)
	}
	if got := one.log(); got != "udp AAAA of example.com, udp MX of example.com" {
		t.Errorf("the first was asked %s", got)
	}
	if n := r.Counts(); n.Down != 0 || n.Servers != 2 {
		t.Errorf("%+v", n)
	}
}

// While nobody answers, lookups fail at once. Once somebody does, they work again, and nobody has to do anything.
func TestOutage(t *testing.T) {
	s := startServer(t)
	s.be(true)
	r := resolver(t, impatient, s)
	if got := show(r, "example.com", A); !strings.HasSuffix(got, "at "+s.address+": no answer in time") {
		t.Error(got)
	}
	eventually(t, "the server to count as down", func() bool { return r.Counts().Down == 1 })
	before := s.log()
	for _, name := range []string{"a.example.com", "b.example.com", "www.example.com"} {
		if got := show(r, name, A); !strings.HasSuffix(got, "nobody was asked: no name server answers at present ("+s.address+": no answer in time)") {
			t.Error(got)
		}
	}
	if s.log() != before {
		t.Errorf("it was asked %s", s.log())
	}
	if n := r.Counts(); n.Refused != 3 || n.Failed != 4 {
		t.Errorf("counted %+v", n)
	}
	s.be(false)
	eventually(t, "the server to be found again", func() bool { return r.Counts().Down == 0 })
	if got := show(r, "www.example.com", A); got != `"192.0.2.80"` { // although it failed just now
		t.Error(got)
	}
}

// Whoever makes us ask for names that never get an answer does not take the name server from everybody else.
func TestNamesWithoutAnswerAreNotAnOutage(t *testing.T) {
	s := startServer(t)
	r := resolver(t, impatient, s)
	for _, name := range []string{"a.evil.example", "b.evil.example", "c.evil.example"} {
		s.does(name, func(wire.ResponseWriter, *wire.Msg) {})
		if got := show(r, name, A); !strings.HasSuffix(got, "no answer in time") {
			t.Error(got)
		}
	}
	if got := show(r, "host.example.com", A); got != `"192.0.2.80"` || r.Counts().Down != 0 {
		t.Errorf("%s, %+v", got, r.Counts())
	}
}

// A port where nobody listens.
func TestNoServer(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.LocalAddr().String()
	l.Close()
	r := NewResolver(Options{Servers: []string{address}, Timeout: time.Second, Tries: 2, Cache: 1 << 20, Concurrency: 1})
	defer r.Close()
	if got := show(r, "example.com", A); !strings.HasSuffix(got, "connection refused") {
		t.Error(got)
	}
}

// What has ended is used when nobody knows better, if that is wanted.
func TestStale(t *testing.T) {
	for _, stale := range []time.Duration{0, time.Hour} {
		s := startServer(t)
		r := resolver(t, func(o *Options) { impatient(o); o.Stale = stale }, s)
		q := Question{"host.example.com", A}
		if got := show(r, q.Name, q.Type); got != `"192.0.2.80"` {
			t.Fatal(got)
		}
		e := r.cache.get(q) // an hour ago, as it were
		shift := min(stale/2, time.Hour) + 2*time.Minute
		r.cache.put(&entry{question: q, answer: e.answer, ends: e.ends.Add(-shift), last: e.last.Add(-shift)})
		s.be(true)
		for range 2 {
			if got := show(r, q.Name, q.Type); (got == `"192.0.2.80"`) != (stale > 0) {
				t.Errorf("stale %v: %s", stale, got)
			}
		}
		if n := r.Counts(); (n.Stale == 1) != (stale > 0) || n.Stale > 1 {
			t.Errorf("stale %v: %+v", stale, n)
		}
	}
}
