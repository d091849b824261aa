package dns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	wire "github.com/miekg/dns"
)

func TestLookup(t *testing.T) {
	s := startServer(t)
	for _, random := range []bool{false, true} {
		r := resolver(t, func(o *Options) { o.RandomCase = random }, s)
		for _, c := range []struct {
			name string
			t    Type
			want string
		}{
			{"example.com", A, `"192.0.2.1", "192.0.2.2"`},
			{"EXAMPLE.com.", A, `"192.0.2.1", "192.0.2.2"`},
			{"example.com", AAAA, `"2001:db8::1"`},
			{"example.com", MX, `10 "mx1.example.com", 20 "mx2.example.com"`},
			{"example.com", NS, `"ns.example.com"`},
			{"example.com", TXT, `"v=spf1 -all", "quote \" backslash \\ byte \xe9 end"`},
			{"_smtp._tcp.example.com", SRV, `0 "mx0.example.com" 0 25, 10 "mx1.example.com" 9 25, 10 "mx2.example.com" 5 25`},
			{"www.example.com", A, `"192.0.2.80"`},
			{"www.example.com", CNAME, `"web.example.com"`},
			{"www.example.com", MX, ``},
			{"dangling.example.com", A, `missing`},
			{"null.example.com", MX, `0 ""`},
			{"none.example.com", A, `missing`},
			{"host.example.com", MX, ``},
			{"bücher.example", A, `"192.0.2.4"`},
			{"1.2.0.192.in-addr.arpa", PTR, `"example.com"`},
		} {
			if got := show(r, c.name, c.t); got != c.want {
				t.Errorf("%v of %s: %s, want %s", c.t, c.name, got, c.want)
			}
		}
	}
}

// Nobody is asked about a name that cannot exist.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"example.com": "example.com", "Example.COM.": "example.com", "_dmarc.example.com": "_dmarc.example.com", "a-.b": "a-.b",
		"bücher.example": "xn--bcher-kva.example",
		"":               "", ".": "", "..": "", "a..b": "", ".a": "", "a b": "", "a\x00b": "", "a\nb": "", `a\.b`: "", "a@b": "", "ü@example.com": "", "\xff\xfe": "",
		strings.Repeat("a", 63): strings.Repeat("a", 63), strings.Repeat("a", 64): "",
		strings.Repeat("a.", 126) + "a": strings.Repeat("a.", 126) + "a", strings.Repeat("a.", 127) + "a": "",
	} {
		q, err := NewQuestion(name, A)
		if q.Name != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, ErrName) {
			t.Errorf("%.40q: %q, %v", name, q.Name, err)
		}
	}
}

func TestReversed(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.1":        "1.2.0.192.in-addr.arpa",
		"::ffff:192.0.2.1": "1.2.0.192.in-addr.arpa",
		"2001:db8::1":      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	} {
		if q := ReverseQuestion(netip.MustParseAddr(ip)); q.Name != want || q.Type != PTR {
			t.Errorf("%s: %v", ip, q)
		}
	}
}

func TestReverseIsConfirmed(t *testing.T) {
	s := startServer(t)
	r := resolver(t, nil, s)
	s.does("3.2.0.192.in-addr.arpa", rcode(wire.RcodeServerFailure))
	for ip, want := range map[string]string{
		"192.0.2.1":   "example.com",
		"192.0.2.2":   "example.com", // another name of it does not have it
		"2001:db8::1": "example.com",
		"192.0.2.9":   "not: example.com, the name of 192.0.2.9, does not have that address",
		"192.0.2.77":  "not: 192.0.2.77 has no name",
		"192.0.2.3":   "error: look up PTR of 3.2.0.192.in-addr.arpa at SERVER: the name server says SERVFAIL",
	} {
		name, why, err := Reverse(context.Background(), r, netip.MustParseAddr(ip))
		got := name
		if why != "" {
			got = "not: " + why
		}
		if err != nil {
			got = "error: " + strings.ReplaceAll(err.Error(), s.address, "SERVER")
		}
		if got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	s := startServer(t)
	r := resolver(t, nil, s)
	s.does("half.example.com", func(w wire.ResponseWriter, ask *wire.Msg) {
		m := new(wire.Msg).SetRcode(ask, wire.RcodeServerFailure)
		if ask.Question[0].Qtype == wire.TypeA {
			rr, _ := wire.NewRR("half.example.com. 60 A 192.0.2.5")
			m = new(wire.Msg).SetReply(ask)
			m.Answer = append(m.Answer, rr)
		}
		_ = w.WriteMsg(m)
	})
	for name, want := range map[string]string{
		"example.com": "[192.0.2.1 192.0.2.2 2001:db8::1]", "www.example.com": "[192.0.2.80]", "none.example.com": "[]", "half.example.com": "[192.0.2.5]",
	} {
		got, err := Addresses(context.Background(), r, name)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// What is asked once is not asked again for as long as the answer says.
func TestCached(t *testing.T) {
	s := startServer(t)
	r := resolver(t, nil, s)
	s.does("unsigned.example.com", func(w wire.ResponseWriter, ask *wire.Msg) {
		_ = w.WriteMsg(new(wire.Msg).SetRcode(ask, wire.RcodeNameError)) // without SOA
	})
	for _, c := range []struct {
		name  string
		t     Type
		times int
	}{
		{"example.com", A, 1}, {"none.example.com", A, 1}, {"host.example.com", MX, 1}, {"dangling.example.com", A, 1},
		{"brief.example.com", A, 3}, {"unsigned.example.com", A, 3}, {"loop.example.com", A, 1},
	} {
		before := s.log()
		for range 3 {
			show(r, c.name, c.t)
		}
		if n := strings.Count(strings.TrimPrefix(s.log(), before), c.name); n != c.times {
			t.Errorf("%v of %s was asked for %d times, not %d", c.t, c.name, n, c.times)
		}
	}
	n := r.Counts()
	if n.Cached != 8 || n.FailedAgain != 2 || n.Found != 4 || n.Empty != 1 || n.Missing != 5 || n.Failed != 1 {
		t.Errorf("counted %+v", n)
	}
	if q, _ := NewQuestion("example.com", A); true {
		e := r.cache.get(q)
		if left := time.Until(e.ends); left > 30*time.Second || left < 20*time.Second {
			t.Errorf("kept for %v: the least of its records says 30 s", left)
		}
	}
}

// Many sessions that ask the same at the same time ask once.
func TestSingleFlight(t *testing.T) {
	s := startServer(t)
	r := resolver(t, nil, s)
	release := make(chan bool)
	s.does("example.com", func(w wire.ResponseWriter, ask *wire.Msg) {
		<-release
		_ = w.WriteMsg(s.answer(ask))
	})
	impatientOne, cancel := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() {
		_, err := r.Lookup(impatientOne, Question{"example.com", A})
		gone <- err
	}()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got := show(r, "example.com", A); got != `"192.0.2.1", "192.0.2.2"` {
				t.Error(got)
			}
		})
	}
	eventually(t, "the question", func() bool { return s.log() != "" })
	cancel() // the one that may have begun it
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(release)
	wg.Wait()
	if got := s.log(); got != "udp A of example.com" {
		t.Errorf("asked %s", got)
	}
}

// Only so many lookups ask at a time.
func TestConcurrencyIsBounded(t *testing.T) {
	s := startServer(t)
	r := resolver(t, func(o *Options) { o.Concurrency, o.Timeout, o.Tries = 1, 300*time.Millisecond, 1 }, s)
	s.does("slow.example.com", func(wire.ResponseWriter, *wire.Msg) {})
	slow := make(chan string)
	go func() { slow <- show(r, "slow.example.com", A) }()
	eventually(t, "the question", func() bool { return s.log() != "" })
	got := show(r, "example.com", A) // it waits for the first one, and then has little time
	if got != `"192.0.2.1", "192.0.2.2"` && !strings.Contains(got, "1 lookups run already, which is what dns.concurrency allows") && !strings.Contains(got, "no answer in time") {
		t.Error(got)
	}
	if got := <-slow; !strings.Contains(got, "no answer in time") {
		t.Error(got)
	}
	if got := show(r, "host.example.com", A); got != `"192.0.2.80"` {
		t.Error(got)
	}
}

// The end of the daemon ends what runs.
func TestClose(t *testing.T) {
	s := startServer(t)
	r := resolver(t, func(o *Options) { o.Timeout = time.Hour }, s)
	s.be(true)
	got := make(chan string)
	go func() { got <- show(r, "example.com", A) }()
	eventually(t, "the question", func() bool { return s.log() != "" })
	r.Close()
	if text := <-got; !strings.HasPrefix(text, "error: ") {
		t.Error(text)
	}
	if text := show(r, "host.example.com", A); text != "error: look up A of host.example.com: the daemon stops" {
		t.Error(text)
	}
}

func TestCacheIsBounded(t *testing.T) {
	const most = 10_000
	c := newCache(most)
	for i := range 1000 {
		c.put(&entry{question: Question{fmt.Sprintf("%d.example.com", i), A}, answer: Answer{Records: []Record{{Value: strings.Repeat("x", i%100)}}}})
		c.get(Question{"0.example.com", A})
		if c.bytes() > most || c.order.Len() != len(c.byKey) {
			t.Fatalf("%d bytes, %d entries, %d keys", c.bytes(), c.order.Len(), len(c.byKey))
		}
	}
	if c.order.Len() < 20 {
		t.Errorf("only %d entries", c.order.Len())
	}
	if c.get(Question{"0.example.com", A}) == nil {
		t.Error("what is used all the time was thrown out")
	}
	c.put(&entry{question: Question{"0.example.com", A}, answer: Answer{Records: []Record{{Value: strings.Repeat("x", most)}}}})
	if c.get(Question{"0.example.com", A}) != nil || c.bytes() > most {
		t.Error("an entry that is too large was kept, or what was known before")
	}
	for c.order.Len() > 0 {
		c.remove(c.order.Back())
	}
	if c.bytes() != 0 {
		t.Errorf("an empty cache has %d bytes", c.bytes())
	}
}

// rcode is a server that cannot find out.
func rcode(code int) behaviour {
	return func(w wire.ResponseWriter, ask *wire.Msg) { _ = w.WriteMsg(new(wire.Msg).SetRcode(ask, code)) }
}
