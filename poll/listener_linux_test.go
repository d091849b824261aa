package poll

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// accepting is a listener of a poller.
func accepting(t *testing.T, l net.Listener) net.Listener {
	t.Helper()
	p, err := New(quietTime)
	if err != nil {
		t.Fatal(err)
	}
	polled, err := p.Listen(l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = polled.Close()
		_ = p.Close()
	})
	return polled
}

// Connections are as those that package net accepts: nothing waits for more before it is sent, and a peer that is dead is found out.
func TestOptions(t *testing.T) {
	plain := socket(t, "tcp")
	polled := accepting(t, socket(t, "tcp"))
	defer plain.Close()
	for _, o := range []struct {
		name          string
		level, option int
	}{
		{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY}, {"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE},
		{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE}, {"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	} {
		if got, want := option(t, polled, o.level, o.option), option(t, plain, o.level, o.option); got != want {
			t.Errorf("%s is %d, in package net %d", o.name, got, want)
		}
	}
}

// option returns a socket option of an accepted connection.
func option(t *testing.T, l net.Listener, level, name int) (value int) {
	t.Helper()
	other, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, want := c.RemoteAddr().String(), other.LocalAddr().String(); got != want {
		t.Errorf("the other side is at %s, want %s", got, want)
	}
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if e := raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), level, name) }); e != nil || err != nil {
		t.Fatal(e, err)
	}
	return value
}

// Accept can be interrupted, and goes on then; after Close it returns net.ErrClosed, and the file is gone.
func TestInterruptAccept(t *testing.T) {
	l := accepting(t, socket(t, "unix"))
	set := l.(interface{ SetDeadline(time.Time) error })
	got := make(chan error)
	accept := func() {
		_, err := l.Accept()
		got <- err
	}
	go accept()
	if err := set.SetDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := <-got; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("interrupted: %v", err)
	}
	if err := set.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go accept()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := os.Stat(l.Addr().String()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's file: %v", err)
	}
}

// A listener that is no socket of the system stays as it is.
func TestNoSocket(t *testing.T) {
	l := &noSocket{}
	p, err := New(quietTime)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got, err := p.Listen(l); got != l || err != nil {
		t.Errorf("it is a %T now (%v)", got, err)
	}
}

type noSocket struct{ net.Listener }

func (*noSocket) Accept() (net.Conn, error) { return nil, io.EOF }
