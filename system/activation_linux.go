package system

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// open makes listeners of the descriptors, and opens the line to the predecessor. What it has opened before an error, Close closes.
func (i *Inheritance) open(env environment) error {
	if env.ready != 0 {
		ready, err := openReady(env.ready)
		if err != nil {
			return err
		}
		i.ready = ready
	}
	for n := range env.count {
		s, err := openSocket(firstFD+n, env.name(n))
		if err != nil {
			return err
		}
		i.Sockets = append(i.Sockets, s)
	}
	return nil
}

// openReady opens the line to the predecessor.
func openReady(fd int) (*os.File, error) {
	syscall.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "predecessor")
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("descriptor %d, which %s names: %w; unset the variable", fd, envReadyFD, err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return nil, errors.Join(fmt.Errorf("descriptor %d, which %s names, is no socket; unset the variable", fd, envReadyFD), f.Close())
	}
	return f, nil
}

// openSocket makes a listener of a descriptor, which it replaces by one of its own that is closed on exec.
func openSocket(fd int, name string) (Socket, error) {
	fail := func(err error) (Socket, error) {
		if op := (*net.OpError)(nil); errors.As(err, &op) {
			err = op.Err // what was done to what is said below
		}
		return Socket{}, fmt.Errorf("socket %d of %s (%q): %w; use ListenStream in the socket unit, and Accept=no", fd-firstFD+1, envListenFDs, name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	if f == nil {
		return fail(os.ErrInvalid)
	}
	l, err := net.FileListener(f)
	if err != nil {
		return fail(errors.Join(err, f.Close()))
	}
	if err := errors.Join(f.Close(), accepting(l)); err != nil {
		return fail(errors.Join(err, l.Close()))
	}
	return Socket{Name: name, Listener: l}, nil
}

// accepting returns an error for a socket that is connected, or was never told to listen.
func accepting(l net.Listener) error {
	conn, err := rawConn(l)
	if err != nil {
		return err
	}
	var value int
	var optErr error
	err = conn.Control(func(fd uintptr) { value, optErr = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ACCEPTCONN) })
	if err := errors.Join(err, optErr); err != nil {
		return err
	}
	if value == 0 {
		return errors.New("nothing can be accepted from it")
	}
	return nil
}

// rawConn returns the descriptor of a TCP or unix listener.
func rawConn(l net.Listener) (syscall.RawConn, error) {
	switch l := l.(type) {
	case *net.TCPListener:
		return l.SyscallConn()
	case *net.UnixListener:
		return l.SyscallConn()
	}
	return nil, fmt.Errorf("a %T is neither a TCP nor a unix socket", l)
}
