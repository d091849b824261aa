package poll

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Who writes more than the other side reads waits for it, and others are served meanwhile.
func TestWriteWaits(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			text := strings.Repeat("0123456789abcdef", 1<<20)
			r := start(t, network, func(c *Conn) State {
				b := make([]byte, 100)
				n, err := c.Read(b)
				if err != nil {
					return Gone
				}
				if string(b[:n]) == "much" {
					b, n = []byte(text), len(text)
				}
				if n, err = c.Write(b[:n]); err != nil {
					t.Errorf("after %d bytes: %v", n, err)
				}
				return Cold
			}, never)
			slow := r.tell(2*runtime.GOMAXPROCS(0), "much")
			say(t, r.dial(), "little")
			for _, c := range slow {
				hear(t, c, text)
				say(t, c, "again")
			}
		})
	}
}

// A write has a deadline.
func TestWriteDeadline(t *testing.T) {
	got := make(chan error, 1)
	r := start(t, "unix", func(c *Conn) State {
		_ = c.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
		_, err := c.Write(make([]byte, 16<<20))
		got <- err
		return Gone
	}, never)
	if _, err := r.dial().Write([]byte("much")); err != nil {
		t.Fatal(err)
	}
	if err := <-got; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// Whoever closes a connection has its handler find that out, whatever that does, and the other side too.
func TestClose(t *testing.T) {
	before := descriptors(t)
	got := make(chan error, 1)
	r := start(t, "unix", func(c *Conn) State {
		b := make([]byte, 100)
		n, err := c.Read(b)
		if err == nil && string(b[:n]) == "much" {
			_, err = c.Write(make([]byte, 16<<20))
		}
		switch {
		case err == syscall.EAGAIN, err == nil:
			return Cold
		}
		got <- err
		return Gone
	}, never)
	t.Run("while it waits for the other side to speak", func(t *testing.T) {
		r.closes(t, got, "word")
	})
	t.Run("while it waits for the other side to read", func(t *testing.T) {
		r.closes(t, got, "much")
	})
	t.Run("before it was started", func(t *testing.T) {
		l, err := r.p.Listen(socket(t, "unix"))
		if err != nil {
			t.Fatal(err)
		}
		c, other := meet(t, l)
		if err := errors.Join(c.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		if _, err := other.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the other side reads %v", err)
		}
		_ = other.Close()
	})
	wait(t, "all descriptors to be closed", func() bool { return descriptors(t) <= before+6 }) // the rig's own
}

// closes closes a connection from outside after something was said on it.
func (r *rig) closes(t *testing.T, got <-chan error, said string) {
	other := r.dial()
	if _, err := other.Write([]byte(said)); err != nil {
		t.Fatal(err)
	}
	c := <-r.all
	time.Sleep(20 * time.Millisecond) // it may come at any moment; this is the one of interest
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-got; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the handler finds %v", err)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed again: %v", err)
	}
	if _, err := io.Copy(io.Discard, other); err != nil {
		t.Errorf("the other side reads %v", err)
	}
	_ = other.Close()
}
