package mta

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Sink is the SMTP server at the end of the road: it takes every message it is offered and keeps it as it came.
type Sink struct {
	Addr string // host:port

	listener net.Listener
	serving  sync.WaitGroup

	mu       sync.Mutex
	conns    map[net.Conn]bool
	messages []*Delivered
	next     int           // index of the message that Next returns
	arrived  chan struct{} // closed and replaced when a message arrives
}

// Delivered is a message that reached the sink.
type Delivered struct {
	Helo   string
	From   string   // the argument of MAIL FROM with brackets, without parameters
	Params []string // ESMTP parameters of MAIL FROM, in order
	To     []Recipient
	Data   []byte // as transmitted, dots unstuffed
}

// Recipient is one RCPT TO of a delivered message.
type Recipient struct {
	Address string // with brackets
	Params  []string
}

// patience is how long a test waits for something that should happen at once; machines under load need a while.
const patience = 2 * time.Minute

// NewSink starts a sink on loopback.
func NewSink(t testing.TB) *Sink {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sink{
		Addr:     l.Addr().String(),
		listener: l,
		conns:    make(map[net.Conn]bool),
		arrived:  make(chan struct{}),
	}
	s.serving.Add(1)
	go s.accept()
	t.Cleanup(s.close)
	return s
}

// Next returns the first message that has not been returned yet, and waits for it if need be.
func (s *Sink) Next(t testing.TB) *Delivered {
	t.Helper()
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		if s.next < len(s.messages) {
			m := s.messages[s.next]
			s.messages[s.next] = nil // may be large
			s.next++
			s.mu.Unlock()
			return m
		}
		arrived := s.arrived
		s.mu.Unlock()
		select {
		case <-arrived:
		case <-timeout:
			t.Fatalf("no message reached the next hop within %v", patience)
		}
	}
}

// Waiting returns how many messages have arrived that Next has not returned yet.
func (s *Sink) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.messages) - s.next
}

func (s *Sink) accept() {
	defer s.serving.Done()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.serving.Add(1)
		go func() {
			defer s.serving.Done()
			s.serve(conn)
			conn.Close()
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
		}()
	}
}

func (s *Sink) close() {
	s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

// serve talks to one client until it leaves.
func (s *Sink) serve(conn net.Conn) {
	r := bufio.NewReaderSize(promptReader{conn}, 64<<10)
	reply := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	reply("220 sink.test.example ESMTP")
	m := &Delivered{}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			m = &Delivered{Helo: rest}
			reply("250-sink.test.example\r\n250-PIPELINING\r\n250-SIZE 209715200\r\n250-8BITMIME\r\n" +
				"250-SMTPUTF8\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES")
		case "HELO":
			m = &Delivered{Helo: rest}
			reply("250 sink.test.example")
		case "MAIL":
			m = &Delivered{Helo: m.Helo}
			m.From, m.Params = pathAndParams(rest)
			reply("250 2.1.0 ok")
		case "RCPT":
			address, params := pathAndParams(rest)
			m.To = append(m.To, Recipient{address, params})
			reply("250 2.1.5 ok")
		case "DATA":
			reply("354 go on")
			if m.Data, err = readData(r); err != nil {
				return
			}
			s.store(m)
			m = &Delivered{Helo: m.Helo}
			reply("250 2.0.0 taken")
		case "RSET":
			m = &Delivered{Helo: m.Helo}
			reply("250 2.0.0 ok")
		case "NOOP":
			reply("250 2.0.0 ok")
		case "QUIT":
			reply("221 2.0.0 bye")
			return
		default:
			reply("502 5.5.2 not here")
		}
	}
}

// promptReader acknowledges what it reads at once. Sendmail sends a message in several writes and would wait 40 ms for
// the kernel's delayed acknowledgement.
type promptReader struct{ net.Conn }

// Read implements io.Reader.
func (r promptReader) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	acknowledge(r.Conn)
	return n, err
}

func (s *Sink) store(m *Delivered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// pathAndParams splits "FROM:<a@b> SIZE=1 BODY=8BITMIME" into "<a@b>" and the parameters.
func pathAndParams(argument string) (path string, params []string) {
	_, argument, _ = strings.Cut(argument, ":")
	argument = strings.TrimSpace(argument)
	if end := strings.IndexByte(argument, '>'); end >= 0 {
		return argument[:end+1], strings.Fields(argument[end+1:])
	}
	fields := strings.Fields(argument)
	if len(fields) == 0 {
		return "", nil
	}
	return fields[0], fields[1:]
}

// readData reads a message up to the line with a single dot and undoes the doubling of dots at line starts.
func readData(r *bufio.Reader) ([]byte, error) {
	var data []byte
	atLineStart := true
	for {
		part, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if atLineStart {
			if bytes.Equal(part, []byte(".\r\n")) {
				return data, nil
			}
			part = bytes.TrimPrefix(part, []byte("."))
		}
		data = append(data, part...)
		atLineStart = bytes.HasSuffix(data, []byte("\r\n"))
	}
}
