package record

import (
	"errors"
	"net"
	"syscall"
)

// conn is a connection that is recorded. What is read from it came from the MTA.
type conn struct {
	net.Conn
	rec *recording
}

// Read notes what it reads.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.rec.note(FromMTA, p[:n])
	}
	return n, err
}

// Write notes what it has written.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if n > 0 {
		c.rec.note(FromFilter, p[:n])
	}
	return n, err
}

// Close ends the recording too.
func (c *conn) Close() error {
	c.rec.end()
	return c.Conn.Close()
}

var errNoSyscalls = errors.New("the connection is no socket")

// SyscallConn implements syscall.Conn, so that the session treats the connection as the socket that it is.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, errNoSyscalls
}
