package store

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
)

// The library makes room for as much as the head of an answer says. What is not Redis, or sends nonsense, may say more than the machine has, which
// would end the daemon. No answer to luamilter is near these bounds; the longest are lists that are read as a whole.
const (
	maxBulk  = 16 << 20 // bytes of a text
	maxItems = 8 << 20  // of an array
	maxHead  = 32       // bytes of a line that matter: the kind and a number
)

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// bounded has the connections of a dialer end at an answer that is beyond all bounds.
func bounded(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			return &plainConn{TCPConn: tcp}, nil
		}
		return &secretConn{Conn: conn}, nil
	}
}

// plainConn is a connection without TLS. The library sees by its socket whether it has ended, which it cannot with others.
type plainConn struct {
	*net.TCPConn
	answers answers
}

// Read implements io.Reader.
func (c *plainConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	return c.answers.checked(p[:n], err)
}

// secretConn is one with TLS.
type secretConn struct {
	net.Conn
	answers answers
}

// Read implements io.Reader.
func (c *secretConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return c.answers.checked(p[:n], err)
}

// answers follows what a server says: lines, and after those that begin with $ as many bytes as they say, and CRLF. (Redis serialization
// protocol specification.)
type answers struct {
	line []byte // the beginning of the one that has not ended
	skip int64  // bytes of a text that are still to come
}

// checked returns what a Read returned, or an error where the answer goes beyond all bounds.
func (a *answers) checked(text []byte, err error) (int, error) {
	for rest := text; len(rest) > 0; {
		if a.skip > 0 {
			n := min(int64(len(rest)), a.skip)
			a.skip -= n
			rest = rest[n:]
			continue
		}
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		a.line = append(a.line, line[:min(len(line), maxHead-len(a.line))]...)
		rest = after
		if !ended {
			break
		}
		if err := a.head(); err != nil {
			return 0, err
		}
		a.line = a.line[:0]
	}
	return len(text), err
}

// head reads a line that has ended. What it cannot read is the library's business.
func (a *answers) head() error {
	if len(a.line) == 0 {
		return nil
	}
	kind := a.line[0]
	n, err := strconv.ParseInt(string(bytes.TrimSuffix(a.line[1:], []byte("\r"))), 10, 64)
	isLength := kind == '$' || kind == '*'
	switch {
	case !isLength || err != nil && len(a.line) < maxHead:
		return nil
	case err != nil || kind == '$' && n > maxBulk || kind == '*' && n > maxItems:
		return fmt.Errorf("the answer is none of Redis, or too large: it begins with %.32q", a.line)
	case kind == '$' && n >= 0:
		a.skip = n + 2
	}
	return nil
}
