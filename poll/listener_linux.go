package poll

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// listener accepts connections for a poller.
type listener struct {
	net.Listener // closes the socket, and removes its file
	poller       *Poller
	file         *os.File // the same socket: net's own does not let others accept
	raw          syscall.RawConn
	closed       atomic.Bool // since raw does not say os.ErrClosed
}

// Listen returns a listener whose connections, each a *Conn, the poller can serve. One that is no socket is returned as it is.
func (p *Poller) Listen(l net.Listener) (net.Listener, error) {
	socket, ok := l.(interface{ File() (*os.File, error) })
	if p == nil || !ok {
		return l, nil
	}
	file, err := socket.File()
	if err != nil {
		return nil, err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if l.Addr().Network() == "tcp" {
		if err := prepare(raw); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return &listener{Listener: l, poller: p, file: file, raw: raw}, nil
}

// keepAlive is after how many seconds without a word the kernel asks whether the other side still lives, and how often it goes on to.
const keepAlive = 15

// prepare sets what Linux hands on from a listening socket to its connections: the same as package net sets for each.
func prepare(raw syscall.RawConn) error {
	var err error
	set := func(fd uintptr) {
		for _, o := range []struct{ level, name, value int }{
			{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1}, {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, keepAlive}, {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, keepAlive},
		} {
			err = errors.Join(err, os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), o.level, o.name, o.value)))
		}
	}
	return errors.Join(raw.Control(set), err)
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c := &Conn{poller: l.poller, local: l.Addr()}
	var err error
	waited := l.raw.Read(func(fd uintptr) bool {
		for {
			c.fd, c.remote, err = unix.Accept4(int(fd), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
			if err != unix.EINTR && err != unix.ECONNABORTED { // it left before it was accepted
				return err != unix.EAGAIN
			}
		}
	})
	switch {
	case waited != nil && l.closed.Load():
		return nil, net.ErrClosed
	case waited != nil:
		return nil, waited
	case err != nil:
		return nil, os.NewSyscallError("accept", err)
	}
	return c, nil
}

// SetDeadline has Accept return at a time.
func (l *listener) SetDeadline(t time.Time) error { return l.file.SetReadDeadline(t) }

// Close implements net.Listener.
func (l *listener) Close() error {
	l.closed.Store(true)
	return errors.Join(l.file.Close(), l.Listener.Close())
}
