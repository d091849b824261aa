package policies

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"luamilter/tests/mta"
)

// udpGate is a gate in front of a name server.
type udpGate struct {
	t      *testing.T
	addr   string
	server string

	passing sync.WaitGroup
	mu      sync.Mutex
	packets net.PacketConn // nil while stopped
	mode    mode
	changed chan struct{}
	count   int
}

// newUDPGate puts a gate in front of a name server, until the test ends.
func newUDPGate(t *testing.T, server string) *udpGate {
	t.Helper()
	g := &udpGate{t: t, addr: mta.FreeAddr(t), server: server, mode: well, changed: make(chan struct{})}
	g.listen()
	t.Cleanup(func() {
		g.set(stopped)
		g.passing.Wait()
	})
	return g
}

func (g *udpGate) address() string { return g.addr }

func (g *udpGate) asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count
}

func (g *udpGate) set(m mode) {
	g.t.Helper()
	g.mu.Lock()
	g.mode, g.count = m, 0
	close(g.changed)
	g.changed = make(chan struct{})
	packets := g.packets
	if m == stopped {
		g.packets = nil
	}
	g.mu.Unlock()
	switch {
	case m == stopped && packets != nil:
		packets.Close()
	case m != stopped && packets == nil:
		g.listen()
	}
}

func (g *udpGate) listen() {
	g.t.Helper()
	packets, err := net.ListenPacket("udp4", g.addr)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	g.packets = packets
	g.mu.Unlock()
	g.passing.Go(func() {
		for {
			buf := make([]byte, 4096)
			n, from, err := packets.ReadFrom(buf)
			if err != nil {
				return
			}
			g.passing.Go(func() { g.pass(packets, from, buf[:n]) })
		}
	})
}

// pass is a question.
func (g *udpGate) pass(packets net.PacketConn, from net.Addr, question []byte) {
	g.mu.Lock()
	g.count++
	m, changed, count := g.mode, g.changed, g.count
	g.mu.Unlock()
	answer := g.ask(question)
	switch {
	case answer == nil:
		return
	case m == slow:
		select {
		case <-changed:
			return
		case <-time.After(held):
		}
	case m == garbage && count%2 == 0:
		answer = answer[:len(answer)/2]
	case m == garbage:
		answer = noise[count%len(noise)]
	case m == wrong:
		answer[3] = answer[3]&0xf0 | dns.RcodeRefused // RFC 1035 section 4.1.1
	}
	_, _ = packets.WriteTo(answer, from)
}

// ask asks the name server, nil if it does not answer.
func (g *udpGate) ask(question []byte) []byte {
	conn, err := net.Dial("udp4", g.server)
	if err != nil {
		g.t.Error(err)
		return nil
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(held))
	if _, err := conn.Write(question); err != nil {
		g.t.Errorf("the name server is not there: %v", err)
		return nil
	}
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	if err != nil {
		g.t.Errorf("the name server does not answer: %v", err)
		return nil
	}
	return buf[:n]
}
