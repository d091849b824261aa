package engine

import (
	"net"
	"sync"
	"testing"

	"luamilter/protocol"
)

// tapped is a connection that counts what goes over it.
type tapped struct {
	net.Conn
	mu     sync.Mutex
	read   int
	closed bool
}

func (c *tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read += n
	return n, err
}

func (c *tapped) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.Conn.Close()
}

// TestTap: each connection goes through the tap, from its first byte to its close, over a reload; the id is that of the log.
func TestTap(t *testing.T) {
	s := setup{limits: DefaultLimits}
	r := &rig{t: t, program: s.load(t, `function mail(conn, from) log.info(conn.id) return reject("first") end`)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	var taps []*tapped
	var ids []string
	r.engine.Tap = func(nc net.Conn, listener, id string) net.Conn {
		taps, ids = append(taps, &tapped{Conn: nc}), append(ids, id)
		return taps[len(taps)-1]
	}
	addr := serve(t, r.engine)
	nc, err := net.Dial("unix", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.NewClient(nc, 0)
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	r.engine.Reload(map[string]*Program{"": s.load(t, `function mail(conn, from) return reject("second") end`)})
	reply, err := c.Send(&protocol.Mail{Sender: []byte("<a@example.com>")})
	if err != nil || reply.Text != "first" {
		t.Errorf("%+v, %v", reply, err)
	}
	if err := c.Quit(); err != nil {
		t.Fatal(err)
	}
	r.ended()
	if len(taps) != 1 || taps[0].read == 0 || !taps[0].closed {
		t.Errorf("%d connections went through the tap: %+v", len(taps), taps)
	}
	equal(t, "ids", r.said(), ids)
}
