package poll

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Conn is a connection that a poller has served. It is a net.Conn but for Read, which does not wait: where nothing has come it returns
// syscall.EAGAIN, and Handler.Serve is called when there is something. A deadline for reading has no effect therefore. Close may be called by
// anybody; the rest is for the handler.
type Conn struct {
	poller  *Poller
	handler Handler
	local   net.Addr
	remote  unix.Sockaddr
	closed  atomic.Bool
	writeBy time.Time

	// For the handler while it runs, and for the poller while it does not.
	ready bool // there may be something to read
	ended bool // it ends after what there is to read

	// Guarded by the poller.
	fd       int           // -1 when it is closed for good
	worker   *worker       // that serves it
	missed   uint32        // events that came meanwhile
	writable chan struct{} // for whoever waits for that, nil if nobody does
	queued   bool
	quiet    bool // it is to be told so
	warm     bool
	watched  bool          // it is in the clock's list
	last     time.Duration // when something came, by the clock
}

// note notes events. It reports whether the connection is to be served.
func (c *Conn) note(events uint32) bool {
	if c.writable != nil && events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		select {
		case c.writable <- struct{}{}:
		default:
		}
	}
	if c.worker != nil {
		c.missed |= events &^ unix.EPOLLOUT
		return false
	}
	c.missed = 0
	if events != 0 {
		c.ready = true
	}
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		c.ended = true
	}
	return true
}

// Start has a connection served, until its handler says Gone.
func (c *Conn) Start(h Handler) error { return c.poller.add(c, h) }

// serve calls the handler.
func (c *Conn) serve() State {
	quiet := c.quiet
	c.quiet = false
	if quiet && !c.ready {
		return c.handler.Quiet()
	}
	return c.handler.Serve()
}

// Leave has another goroutine serve other connections: this one is going to wait, or to take long. It may be called more than once.
func (c *Conn) Leave() {
	c.poller.mu.Lock()
	defer c.poller.mu.Unlock()
	if c.worker != nil {
		c.poller.leave(c.worker)
	}
}

// Read reads what has come.
func (c *Conn) Read(b []byte) (int, error) {
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	if !c.ready {
		return 0, syscall.EAGAIN
	}
	n, err := read(c.fd, b)
	switch {
	case err == unix.EAGAIN:
		c.ready = false
		return 0, syscall.EAGAIN
	case err != 0:
		return 0, os.NewSyscallError("read", err)
	case n == 0 && len(b) > 0:
		return 0, io.EOF
	}
	if n < len(b) && !c.ended {
		c.ready = false // there was no more
	}
	return n, nil
}

// Write writes all, and waits where it must.
func (c *Conn) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		if c.closed.Load() {
			return done, net.ErrClosed
		}
		n, err := write(c.fd, b[done:])
		switch {
		case err == 0:
			done += n
		case err != unix.EAGAIN:
			return done, os.NewSyscallError("write", err)
		default:
			if err := c.awaitWrite(); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// awaitWrite waits until the other side has read something of what was written.
func (c *Conn) awaitWrite() error {
	c.Leave()
	p := c.poller
	wait := make(chan struct{}, 1)
	p.mu.Lock()
	if c.closed.Load() { // since Write looked; from here on Close finds writable
		p.mu.Unlock()
		return net.ErrClosed
	}
	c.writable = wait
	err := p.control(unix.EPOLL_CTL_MOD, c, unix.EPOLLOUT)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	var late <-chan time.Time
	if !c.writeBy.IsZero() {
		t := time.NewTimer(time.Until(c.writeBy))
		defer t.Stop()
		late = t.C
	}
	select {
	case <-wait:
	case <-late:
		err = os.ErrDeadlineExceeded
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.writable = nil
	return errors.Join(err, p.control(unix.EPOLL_CTL_MOD, c, 0))
}

// Close has the handler find the connection closed. The descriptor is closed when that says Gone.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return net.ErrClosed
	}
	p := c.poller
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case c.handler == nil: // it was never started
		fd := c.fd
		c.fd = -1
		return os.NewSyscallError("close", unix.Close(fd))
	case c.worker == nil:
		c.missed |= unix.EPOLLIN
		p.queue(c)
	default:
		c.note(unix.EPOLLIN | unix.EPOLLHUP)
	}
	return nil
}

// SetWriteDeadline limits how long Write may wait.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeBy = t
	return nil
}

// SetReadDeadline has no effect, since Read does not wait.
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetDeadline is SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetWriteDeadline(t) }

// LocalAddr returns the address that is listened on.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other side.
func (c *Conn) RemoteAddr() net.Addr {
	switch a := c.remote.(type) {
	case *unix.SockaddrInet4:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *unix.SockaddrInet6:
		return &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
	case *unix.SockaddrUnix:
		return &net.UnixAddr{Name: a.Name, Net: "unix"}
	}
	return &net.UnixAddr{Net: "unix"}
}

// SyscallConn gives access to the descriptor, for Control only.
func (c *Conn) SyscallConn() (syscall.RawConn, error) { return rawConn{c}, nil }

type rawConn struct{ c *Conn }

// Control calls f with the descriptor. It is for the handler.
func (r rawConn) Control(f func(fd uintptr)) error {
	f(uintptr(r.c.fd))
	return nil
}

var errControlOnly = errors.New("a polled connection is not read or written by its descriptor")

func (rawConn) Read(func(uintptr) bool) error  { return errControlOnly }
func (rawConn) Write(func(uintptr) bool) error { return errControlOnly }
