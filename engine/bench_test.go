package engine

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/protocol"
)

// writeScript puts a script into a folder of the test's.
func writeScript(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".lua")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// startEngine serves scripts on a unix socket and returns how to connect.
func startEngine(t testing.TB, log zerolog.Logger, scripts ...string) func() *protocol.Client {
	t.Helper()
	p, err := Load(scripts, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	return serveProgram(t, New(map[string]*Program{"": p}, log))
}

func serveProgram(t testing.TB, e *Engine) func() *protocol.Client {
	t.Helper()
	addr := serve(t, e)
	return func() *protocol.Client {
		nc, err := net.Dial("unix", addr)
		if err != nil {
			t.Fatal(err)
		}
		c := protocol.NewClient(nc, 20*time.Second)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

// benchScripts are filters of the four shapes that cost differently.
var benchScripts = map[string]string{
	"recipients": `
function rcpt(conn) conn.n = (conn.n or 0) + 1 end
function eom(conn, msg) msg:add_header("X-Rcpt-Count", conn.n) end`,
	"headers": `
function header(conn, name, value)
  conn.n = (conn.n or 0) + 1
  if name:lower() == "subject" and value:lower():find("token", 1, true) then conn.match = true end
end
function eom(conn, msg) msg:add_header("X-Header-Count", conn.n) end`,
	"body": `
function body(conn, chunk) conn.bytes = (conn.bytes or 0) + #chunk end
function eom(conn, msg) msg:add_header("X-Body-Bytes", conn.bytes) end`,
}

// BenchmarkMessage sends whole messages with 3 recipients, 20 fields and 4 KiB of body over one connection.
func BenchmarkMessage(b *testing.B) {
	for name, text := range benchScripts {
		b.Run(name, func(b *testing.B) {
			c := startEngine(b, zerolog.Nop(), writeScript(b, "bench", text))()
			if _, err := c.Negotiate(protocol.FullOffer); err != nil {
				b.Fatal(err)
			}
			body := make([]byte, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if err := sendMessage(c, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func sendMessage(c *protocol.Client, body []byte) error {
	events := []protocol.Event{&protocol.Mail{Sender: []byte("<a@example.com>")}}
	for i := range 3 {
		events = append(events, &protocol.Rcpt{Recipient: fmt.Appendf(nil, "<b%d@example.com>", i)})
	}
	events = append(events, &protocol.Data{})
	for i := range 20 {
		events = append(events, &protocol.Header{Name: fmt.Appendf(nil, "X-Field-%d", i), Value: []byte("some value of usual length")})
	}
	for _, ev := range append(events, &protocol.EndOfHeader{}) {
		if _, err := c.Send(ev); err != nil {
			return err
		}
	}
	if _, err := c.Body(body); err != nil {
		return err
	}
	changes, r, _, err := c.EndOfMessage()
	if err == nil && (r.Verdict != protocol.Continue || len(changes) == 0) {
		return fmt.Errorf("%v with %d changes", r, len(changes))
	}
	return err
}

// benchSession returns a session of a script that no MTA is connected to.
func benchSession(b *testing.B, script string) *session {
	b.Helper()
	p, err := Load([]string{writeScript(b, "bench", script)}, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		b.Fatal(err)
	}
	near, far := net.Pipe()
	b.Cleanup(func() { _, _ = near.Close(), far.Close() })
	s := newSession(New(map[string]*Program{"": p}, zerolog.Nop()), job{conn: near, id: "bench"})
	s.facts.InMessage = true
	return s
}

// BenchmarkHook calls hooks as an event does, with all budgets on: one that does nothing, and one that counts.
func BenchmarkHook(b *testing.B) {
	for name, script := range map[string]string{
		"empty": "function data(conn) end",
		"count": "function data(conn) conn.n = (conn.n or 0) + 1 end",
	} {
		b.Run(name, func(b *testing.B) {
			s := benchSession(b, script)
			ev := &protocol.Data{}
			b.ReportAllocs()
			for b.Loop() {
				if r := s.runHook(0, protocol.StageData, ev); r.Verdict != protocol.Continue {
					b.Fatal(r)
				}
			}
		})
	}
}

// BenchmarkLease takes a VM from the pool and gives it back.
func BenchmarkLease(b *testing.B) {
	s := benchSession(b, "function data(conn) end")
	l := &s.scripts[0].lease
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.take(nil, nil); err != nil {
			b.Fatal(err)
		}
		l.release()
	}
}

// BenchmarkPark copies out what a script keeps, gives the VM back, takes one and copies the data in.
func BenchmarkPark(b *testing.B) {
	s := benchSession(b, "function data(conn) conn.name, conn.list = 'x', { 1, 2, 3 } conn.connection.n = 1 end")
	s.runHook(0, protocol.StageData, &protocol.Data{})
	l := &s.scripts[0].lease
	b.ReportAllocs()
	for b.Loop() {
		if err := l.park(); err != nil {
			b.Fatal(err)
		}
		if _, err := l.take(nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVM makes VMs.
func BenchmarkVM(b *testing.B) {
	s := benchSession(b, "function data(conn) end")
	b.ReportAllocs()
	for b.Loop() {
		v, err := s.program.Scripts[0].vms.make()
		if err != nil {
			b.Fatal(err)
		}
		v.close()
	}
}

// BenchmarkLoad reads, compiles and tries 20 scripts, as a start or a reload does.
func BenchmarkLoad(b *testing.B) {
	var paths []string
	for range 20 {
		paths = append(paths, writeScript(b, "bench", benchScripts["headers"]))
	}
	for b.Loop() {
		p, err := Load(paths, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
		if err != nil {
			b.Fatal(err)
		}
		p.Close()
	}
}
