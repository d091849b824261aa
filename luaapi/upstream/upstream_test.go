package upstream

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/outage"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:3310":   "tcp 127.0.0.1:3310",
		"tcp:[::1]:3310":   "tcp [::1]:3310",
		"clamd:3310":       "tcp clamd:3310",
		"unix:/run/x.sock": "unix /run/x.sock",
		"/run/x.sock":      "unix /run/x.sock",
		"unix:run/x":       `"unix:run/x" is no socket: the path must begin with /, as unix:/run/clamav/clamd.ctl`,
		"":                 `"" is no address; write host:port or unix:/path`,
		":3310":            `":3310" is no address; write host:port or unix:/path`,
		"host":             `"host" is no address; write host:port or unix:/path`,
		"host:http":        `"host:http" is no address; write host:port or unix:/path`,
	} {
		network, address, err := ParseAddress(text)
		got := network + " " + address
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// serve answers each connection with answer until the test ends.
func serve(t *testing.T, answer func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				answer(conn)
			}()
		}
	}()
	return "unix:" + l.Addr().String()
}

// line asks for a line.
func line(conn net.Conn) error {
	text, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && text != "ok\n" {
		return Refusal(text)
	}
	return err
}

func newServer(t *testing.T, address string, timeout time.Duration) *Server {
	t.Helper()
	s, err := New("test", address, timeout)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(net.Conn)
		want   string
		counts Counts
	}{
		"an answer":          {func(c net.Conn) { fmt.Fprintln(c, "ok") }, "<nil>", Counts{Answered: 1}},
		"a refusal":          {func(c net.Conn) { fmt.Fprintln(c, "no") }, "no\n", Counts{Answered: 1}},
		"nothing":            {func(net.Conn) {}, "test at unix:PATH: EOF", Counts{Failed: 1}},
		"one that is silent": {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "test at unix:PATH: no answer within 50ms", Counts{Failed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := time.Minute
			if strings.Contains(c.want, "within 50ms") {
				timeout = 50 * time.Millisecond
			}
			s := newServer(t, serve(t, c.answer), timeout)
			got := fmt.Sprint(s.Ask(context.Background(), line))
			if want := strings.ReplaceAll(c.want, "PATH", strings.TrimPrefix(s.Address(), "unix:")); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if s.Counts() != c.counts {
				t.Errorf("counts %+v, want %+v", s.Counts(), c.counts)
			}
		})
	}
}

// A server that fails three times in a row is left alone; refusals do not count.
func TestPause(t *testing.T) {
	connections := make(chan struct{}, 100)
	s := newServer(t, serve(t, func(net.Conn) { connections <- struct{}{} }), time.Minute)
	for i := range 10 {
		err := s.Ask(context.Background(), line)
		if paused := errors.Is(err, ErrPaused); paused != (i >= outage.Enough) {
			t.Errorf("question %d: %v", i+1, err)
		}
	}
	if n := len(connections); n != outage.Enough {
		t.Errorf("%d connections, want %d", n, outage.Enough)
	}
	if want := (Counts{Failed: outage.Enough, Paused: 10 - outage.Enough, Down: true}); s.Counts() != want {
		t.Errorf("counts %+v, want %+v", s.Counts(), want)
	}
	refusing := newServer(t, serve(t, func(c net.Conn) { fmt.Fprintln(c, "no") }), time.Minute)
	for range 10 {
		_ = refusing.Ask(context.Background(), line)
	}
	if refusing.Counts() != (Counts{Answered: 10}) {
		t.Errorf("counts %+v", refusing.Counts())
	}
}

// Whoever gives a question up gets out at once, and the server is not blamed.
func TestGivenUp(t *testing.T) {
	asked := make(chan struct{})
	s := newServer(t, serve(t, func(c net.Conn) { close(asked); _, _ = io.Copy(io.Discard, c) }), time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-asked; cancel() }()
	if err := s.Ask(ctx, line); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if s.Counts().Failed != 0 {
		t.Error("the server is blamed")
	}
}

func TestServersAreBounded(t *testing.T) {
	all := NewServers("test", time.Second)
	for i := range 3 * maxServers {
		if _, err := all.At(fmt.Sprintf("127.0.0.1:%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(all.known) > maxServers {
		t.Errorf("%d servers are remembered", len(all.known))
	}
	a, _ := all.At("127.0.0.1:1")
	if b, _ := all.At("127.0.0.1:1"); a != b {
		t.Error("a server is made twice")
	}
	if _, err := all.At("nonsense"); err == nil {
		t.Error("nonsense is an address")
	}
}

// An outage is told of once, whatever is asked in it.
func TestWatch(t *testing.T) {
	s := newServer(t, serve(t, func(net.Conn) {}), time.Second)
	var told []string
	s.Watch(func(n outage.Note) { told = append(told, fmt.Sprintf("%s: %v", n.What, n.Err)) })
	for range 10 {
		_ = s.Ask(context.Background(), line)
	}
	if want := "test at " + s.Address() + ": EOF"; len(told) != 1 || told[0] != want {
		t.Errorf("told %q, want %q once", told, want)
	}
	all := NewServers("test", time.Second)
	all.Watch(func(n outage.Note) { told = append(told, n.What) })
	one, err := all.At(s.Address())
	if err != nil {
		t.Fatal(err)
	}
	for range outage.Enough {
		_ = one.Ask(context.Background(), line)
	}
	if len(told) != 2 {
		t.Errorf("of one of several, told %q", told)
	}
}

// What somebody gives up neither brings a server down nor counts as its answer.
func TestGivenUpIsNoAnswer(t *testing.T) {
	s := newServer(t, serve(t, func(net.Conn) {}), time.Second)
	var told int
	s.Watch(func(outage.Note) { told++ })
	for _, err := range []error{io.EOF, io.EOF, context.Canceled, io.EOF} {
		_ = s.Through(func() error { return err })
	}
	if want := (Counts{Failed: 3, Down: true}); s.Counts() != want || told != 1 {
		t.Errorf("counts %+v, want %+v; told %d times", s.Counts(), want, told)
	}
}

func TestPlainly(t *testing.T) {
	gone := serve(t, func(net.Conn) {})
	s := newServer(t, gone+".gone", time.Second)
	if err := s.Ask(context.Background(), line); err == nil || !strings.HasSuffix(err.Error(), ": connect: no such file or directory") {
		t.Errorf("%v", err)
	}
}
