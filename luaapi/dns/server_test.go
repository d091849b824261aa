package dns

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	wire "github.com/miekg/dns"
)

// zoneText is what the tests' name server knows.
const zoneText = `
example.com.          60 A     192.0.2.1
example.com.          30 A     192.0.2.2
example.com.          60 AAAA  2001:db8::1
example.com.          60 MX    20 mx2.example.com.
example.com.          60 MX    10 MX1.example.com.
example.com.          60 NS    ns.example.com.
example.com.          60 TXT   "v=spf1 " "-all"
example.com.          60 TXT   "quote \" backslash \\ byte \233 end"
_smtp._tcp.example.com. 60 SRV 10 5 25 mx2.example.com.
_smtp._tcp.example.com. 60 SRV 10 9 25 mx1.example.com.
_smtp._tcp.example.com. 60 SRV 0  0 25 mx0.example.com.
www.example.com.      60 CNAME web.example.com.
web.example.com.      20 CNAME host.example.com.
host.example.com.     60 A     192.0.2.80
dangling.example.com. 60 CNAME nowhere.example.com.
loop.example.com.     60 CNAME loop2.example.com.
loop2.example.com.    60 CNAME loop.example.com.
null.example.com.     60 MX    0 .
brief.example.com.    0  A     192.0.2.3
xn--bcher-kva.example. 60 A    192.0.2.4
1.2.0.192.in-addr.arpa.  60 PTR example.com.
2.2.0.192.in-addr.arpa.  60 PTR liar.example.com.
2.2.0.192.in-addr.arpa.  60 PTR Example.COM.
9.2.0.192.in-addr.arpa.  60 PTR example.com.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 60 PTR example.com.
`

// behaviour answers a question in a way of its own.
type behaviour func(w wire.ResponseWriter, ask *wire.Msg)

// nameServer is a name server of a test, over UDP and TCP. By name, what it does otherwise than to answer from zoneText.
type nameServer struct {
	address string
	records []wire.RR

	mu     sync.Mutex
	odd    map[string]behaviour
	asked  []string // "udp A of name", without questions for the root
	silent bool     // it answers nothing at all
}

func startServer(t testing.TB) *nameServer {
	t.Helper()
	s := &nameServer{odd: map[string]behaviour{}}
	for line := range strings.Lines(zoneText) {
		rr, err := wire.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		if rr != nil {
			s.records = append(s.records, rr)
		}
	}
	packets, stream := listenBoth(t)
	s.address = packets.LocalAddr().String()
	for _, server := range []*wire.Server{{PacketConn: packets, Handler: s}, {Listener: stream, Handler: s}} {
		started, ended := make(chan bool), make(chan error, 1)
		server.NotifyStartedFunc = func() { close(started) }
		go func() { ended <- server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() {
			if err := server.Shutdown(); err != nil {
				t.Error(err)
			}
			<-ended
		})
	}
	return s
}

// listenBoth opens a port for UDP and TCP.
func listenBoth(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 20 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		stream, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, stream
		}
		packets.Close()
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

// does has the server treat questions for a name in a way of its own.
func (s *nameServer) does(name string, b behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.odd[name] = b
}

func (s *nameServer) be(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = silent
}

// log returns what was asked so far.
func (s *nameServer) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.asked, ", ")
}

// ServeDNS implements wire.Handler.
func (s *nameServer) ServeDNS(w wire.ResponseWriter, ask *wire.Msg) {
	q := ask.Question[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name, "."))
	s.mu.Lock()
	if name != "" {
		s.asked = append(s.asked, fmt.Sprintf("%s %v of %s", w.LocalAddr().Network(), Type(q.Qtype), name))
	}
	odd, silent := s.odd[name], s.silent
	s.mu.Unlock()
	switch {
	case silent:
	case odd != nil:
		odd(w, ask)
	default:
		_ = w.WriteMsg(s.answer(ask))
	}
}

// answer is the right answer.
func (s *nameServer) answer(ask *wire.Msg) *wire.Msg {
	q := ask.Question[0]
	m := new(wire.Msg).SetReply(ask)
	name, exists := strings.ToLower(q.Name), false
	for range 3 {
		next := ""
		exists = false
		for _, rr := range s.records {
			if rr.Header().Name != name {
				continue
			}
			exists = true
			if rr.Header().Rrtype == q.Qtype {
				m.Answer = append(m.Answer, rr)
			} else if c, ok := rr.(*wire.CNAME); ok {
				m.Answer = append(m.Answer, rr)
				next = c.Target
			}
		}
		if next == "" {
			break
		}
		name = next
	}
	if !exists {
		m.Rcode = wire.RcodeNameError
	}
	soa, _ := wire.NewRR("example.com. 300 SOA ns.example.com. root.example.com. 1 2 3 4 120")
	m.Ns = append(m.Ns, soa)
	return m
}

// resolver returns a resolver that asks these servers, and is closed at the end of the test.
func resolver(t testing.TB, change func(*Options), servers ...*nameServer) *Resolver {
	t.Helper()
	o := Options{Timeout: 10 * time.Second, Tries: 3, Cache: 1 << 20, Concurrency: 100}
	for _, s := range servers {
		o.Servers = append(o.Servers, s.address)
	}
	if change != nil {
		change(&o)
	}
	r := NewResolver(o)
	t.Cleanup(r.Close)
	return r
}

// impatient makes a time-out short, for servers that do not answer; others have enough time on a busy machine. Tests that wait for it are parallel.
func impatient(o *Options) { o.Timeout = 500 * time.Millisecond }

// show writes what a lookup brings.
func show(r Source, name string, t Type) string {
	q, err := NewQuestion(name, t)
	if err != nil {
		return err.Error()
	}
	a, err := r.Lookup(context.Background(), q)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case a.Missing:
		return "missing"
	}
	var out []string
	for _, r := range a.Records {
		text := fmt.Sprintf("%q", r.Value)
		if t == MX || t == SRV {
			text = fmt.Sprintf("%d %s", r.Preference, text)
		}
		if t == SRV {
			text += fmt.Sprintf(" %d %d", r.Weight, r.Port)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 4000 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("waited too long for: %s", what)
}
