package poll

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails when goroutines outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handler is a Handler made of functions.
type handler struct {
	conn  *Conn
	serve func(c *Conn) State
	quiet func() State
}

func (h *handler) Serve() State { return h.serve(h.conn) }
func (h *handler) Quiet() State { return h.quiet() }

// rig is a poller that has everything served that comes over a socket, in the same way.
type rig struct {
	t    *testing.T
	addr net.Addr
	p    *Poller
	all  chan *Conn // that were accepted
}

// quietTime is long enough for a busy machine not to take a pause in a test for a quiet connection.
const quietTime = 50 * time.Millisecond

// start serves connections until the test ends.
func start(t *testing.T, network string, serve func(c *Conn) State, quiet func() State) *rig {
	t.Helper()
	p, err := New(quietTime)
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Listen(socket(t, network))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, addr: l.Addr(), p: p, all: make(chan *Conn, 2000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			nc, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			c := nc.(*Conn)
			if err := c.Start(&handler{c, serve, quiet}); err != nil {
				t.Error(err)
			}
			r.all <- c
		}
	}()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-done
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// socket listens on loopback.
func socket(t *testing.T, network string) net.Listener {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dial connects, and is closed when the test ends.
func (r *rig) dial() net.Conn {
	r.t.Helper()
	c, err := net.Dial(r.addr.Network(), r.addr.String())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// meet connects to a listener of a poller, and accepts that.
func meet(t *testing.T, l net.Listener) (accepted *Conn, other net.Conn) {
	t.Helper()
	other, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*Conn), other
}

// tell says a text on so many connections, and does not wait for what comes back.
func (r *rig) tell(conns int, text string) (all []net.Conn) {
	r.t.Helper()
	for range conns {
		c := r.dial()
		if _, err := c.Write([]byte(text)); err != nil {
			r.t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// echo sends back what comes.
func echo(c *Conn) State {
	b := make([]byte, 512)
	for {
		n, err := c.Read(b)
		switch {
		case err == syscall.EAGAIN:
			return Cold
		case err != nil:
			return Gone
		}
		if _, err := c.Write(b[:n]); err != nil {
			return Gone
		}
	}
}

// answer reads a text, has do see it, and sends it back.
func answer(do func(c *Conn, text string)) func(c *Conn) State {
	return func(c *Conn) State {
		b := make([]byte, 100)
		n, err := c.Read(b)
		if err != nil {
			return Gone
		}
		do(c, string(b[:n]))
		if _, err := c.Write(b[:n]); err != nil {
			return Gone
		}
		return Cold
	}
}

func never() State { panic("quiet, though it never said that it is warm") }

// say sends a text and reads it back.
func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	hear(t, c, text)
}

// hear reads a text.
func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	b := make([]byte, len(text))
	for n := 0; n < len(b); {
		more, err := c.Read(b[n:])
		if err != nil {
			t.Fatalf("after %q of %q: %v", b[:n], text, err)
		}
		n += more
	}
	if string(b) != text {
		t.Fatalf("read %q, want %q", b, text)
	}
}

// descriptors returns how many are open.
func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// wait waits until a condition holds.
func wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 30_000 {
		if holds() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("waited too long for: %s", what)
}
