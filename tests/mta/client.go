package mta

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// Client is an SMTP client that does what it is told, line by line. It knows nothing about the state of a session, so
// that tests can do what no decent client does.
type Client struct {
	Greeting string // the server's first reply

	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// Closed is what Read and Command return when the server has closed the connection instead of replying.
const Closed = "(closed)"

// Dial connects to a server and reads its greeting. The connection is closed with the test, if not before.
func Dial(t testing.TB, addr string) *Client {
	t.Helper()
	conn, err := net.Dial("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &Client{t: t, conn: conn, r: bufio.NewReader(conn)}
	c.Greeting = c.Read()
	return c
}

// Send transmits bytes as they are.
func (c *Client) Send(bytes string) {
	c.t.Helper()
	c.deadline()
	// The server may have hung up; then the next Read says so.
	_, _ = io.WriteString(c.conn, bytes)
}

// Read returns the next reply without its final line end; the lines of a multi-line reply are separated by LF.
func (c *Client) Read() string {
	c.t.Helper()
	c.deadline()
	reply, err := readReply(c.r)
	if err, ok := err.(net.Error); ok && err.Timeout() {
		c.t.Fatalf("no reply within %v, only %q", patience, reply)
	}
	if err != nil {
		return strings.TrimLeft(reply+"\n"+Closed, "\n")
	}
	return reply
}

// Command sends one line and returns the reply.
func (c *Client) Command(line string) string {
	c.t.Helper()
	c.Send(line + "\r\n")
	return c.Read()
}

// Expect sends one line and ends the test unless the reply begins with a text, such as its code.
func (c *Client) Expect(line, want string) string {
	c.t.Helper()
	reply := c.Command(line)
	if !strings.HasPrefix(reply, want) {
		c.t.Fatalf("%.200s: got reply %q, want %s", line, reply, want)
	}
	return reply
}

// Message transmits a message after DATA was accepted, with dots doubled where they must be and the closing dot, and
// returns the reply. Line ends are sent as they are.
func (c *Client) Message(text string) string {
	c.t.Helper()
	if !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	if strings.HasPrefix(text, ".") {
		text = "." + text
	}
	c.Send(strings.ReplaceAll(text, "\r\n.", "\r\n..") + ".\r\n")
	return c.Read()
}

// Deliver sends a message from one sender to the given recipients and ends the test unless the server takes it.
func (c *Client) Deliver(from string, to []string, text string) {
	c.t.Helper()
	c.Expect("MAIL FROM:<"+from+">", "250")
	for _, recipient := range to {
		c.Expect("RCPT TO:<"+recipient+">", "250")
	}
	c.Expect("DATA", "354")
	if reply := c.Message(text); !strings.HasPrefix(reply, "250") {
		c.t.Fatalf("message: got reply %q", reply)
	}
}

// StartTLS turns the session into one over TLS; the server's certificate is not checked.
func (c *Client) StartTLS() {
	c.t.Helper()
	c.Expect("STARTTLS", "220")
	conn := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true}) // it is a certificate made up for the test
	c.deadline()
	if err := conn.Handshake(); err != nil {
		c.t.Fatal(err)
	}
	c.conn = conn
	c.r = bufio.NewReader(conn)
}

// Quit ends the session politely.
func (c *Client) Quit() {
	c.t.Helper()
	c.Expect("QUIT", "221")
	c.Drop()
}

// Drop closes the connection at once.
func (c *Client) Drop() {
	c.conn.Close()
}

// CRLF returns a text with all line ends as SMTP wants them.
func CRLF(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func (c *Client) deadline() {
	c.t.Helper()
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
}
