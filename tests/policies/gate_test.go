package policies

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// mode is how a gate treats what goes through it.
type mode string

const (
	well    mode = "well"
	stopped mode = "stopped" // nobody listens
	slow    mode = "slow"    // each answer is held for ten seconds
	garbage mode = "garbage" // the answer is none of the protocol, or the beginning of one
	wrong   mode = "wrong"   // the answer is a good one that says that it does not work
)

// held is for how long an answer is held.
const held = 10 * time.Second

// gate is between luamilter and a service.
type gate interface {
	address() string // for luamilter
	set(mode)        // only by the test itself
	asked() int      // questions since it was set last
}

// noise is garbage in any protocol.
var noise = [][]byte{[]byte("\x00\xff\x13\x37\x8a"), []byte("*9\r\n$5\r\nab"), []byte("\xde\xad\xbe\xef no such thing\r\n")}

// tcpGate is a gate in front of a server that takes connections.
type tcpGate struct {
	t      *testing.T
	addr   string
	server net.Addr
	says   []byte // what it answers when wrong

	accepting sync.WaitGroup
	mu        sync.Mutex
	listener  net.Listener // nil while stopped
	mode      mode
	changed   chan struct{}     // closed at the next change
	conns     map[net.Conn]bool // of luamilter
	questions int
}

// newGate puts a gate in front of a server, until the test ends.
func newGate(t *testing.T, network, server, says string) *tcpGate {
	t.Helper()
	g := &tcpGate{t: t, addr: mta.FreeAddr(t), says: []byte(says), mode: well, changed: make(chan struct{}), conns: map[net.Conn]bool{}}
	g.server = place{network, server}
	g.listen()
	t.Cleanup(func() {
		g.set(stopped)
		g.accepting.Wait()
	})
	return g
}

// place is a net.Addr.
type place struct{ network, address string }

func (p place) Network() string { return p.network }
func (p place) String() string  { return p.address }

func (g *tcpGate) address() string { return g.addr }

func (g *tcpGate) asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.questions
}

// set changes the mode. Connections end where it stops or gets well; else they go on, and get what the mode says from now on.
func (g *tcpGate) set(m mode) {
	g.t.Helper()
	g.mu.Lock()
	g.mode, g.questions = m, 0
	close(g.changed)
	g.changed = make(chan struct{})
	if m == stopped || m == well {
		for conn := range g.conns {
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset
			conn.Close()
		}
		clear(g.conns)
	}
	l := g.listener
	if m == stopped {
		g.listener = nil
	}
	g.mu.Unlock()
	switch {
	case m == stopped && l != nil:
		l.Close()
	case m != stopped && l == nil:
		g.listen()
	}
}

// listen begins to take connections.
func (g *tcpGate) listen() {
	g.t.Helper()
	l, err := net.Listen("tcp4", g.addr)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	g.listener = l
	g.mu.Unlock()
	g.accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			g.mu.Lock()
			late := g.mode == stopped // it came between the change and the end of the listener
			if !late {
				g.conns[conn] = true
			}
			g.mu.Unlock()
			if late {
				conn.Close()
				continue
			}
			g.accepting.Go(func() { g.pass(conn) })
		}
	})
}

// now returns the mode, and counts a question.
func (g *tcpGate) now(question bool) (mode, <-chan struct{}, int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if question {
		g.questions++
	}
	return g.mode, g.changed, g.questions
}

// pass is a connection.
func (g *tcpGate) pass(conn net.Conn) {
	defer g.forget(conn)
	server, err := net.Dial(g.server.Network(), g.server.String())
	if err != nil {
		g.t.Errorf("the service is not there: %v", err)
		return
	}
	defer server.Close()
	answers := make(chan struct{}, 1) // one for each piece of an answer
	g.accepting.Go(func() { g.answer(conn, server, answers) })
	buf := make([]byte, 64<<10)
	waiting := false // for an answer
	for {
		n, err := conn.Read(buf)
		if err != nil {
			if half, ok := server.(interface{ CloseWrite() error }); ok && err == io.EOF {
				_ = half.CloseWrite()
				<-answers // which is closed at the end
			}
			return
		}
		select {
		case <-answers:
			waiting = false
		default:
		}
		m, _, count := g.now(!waiting)
		waiting = true
		switch m {
		case garbage:
			_, _ = conn.Write(noise[count%len(noise)])
			return
		case wrong:
			_, _ = conn.Write(g.says)
			waiting = false
			continue
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// answer brings what the server says, late if the gate is slow.
func (g *tcpGate) answer(conn, server net.Conn, answers chan<- struct{}) {
	defer close(answers)
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if n > 0 {
			m, changed, _ := g.now(false)
			if m == slow {
				select {
				case <-changed:
					return // a late answer to nobody
				case <-time.After(held):
				}
			}
			select {
			case answers <- struct{}{}:
			default:
			}
			if _, err := conn.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			_ = conn.(*net.TCPConn).CloseWrite()
			return
		}
	}
}

func (g *tcpGate) forget(conn net.Conn) {
	conn.Close()
	g.mu.Lock()
	delete(g.conns, conn)
	g.mu.Unlock()
}
