package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/protocol"

	"luamilter/load"
)

// asFilter makes the test program a filter: it serves the scripts at the socket.
const asFilter = "LOAD_TEST_FILTER"

func TestMain(m *testing.M) {
	if os.Getenv(asFilter) == "" {
		os.Exit(m.Run())
	}
	if err := beFilter(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func beFilter(socket string, scripts []string) error {
	e, l, err := newEngine(socket, scripts...)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = l.Close() })
	return e.Serve(l, "")
}

func newEngine(socket string, scripts ...string) (*engine.Engine, net.Listener, error) {
	p, err := engine.Load(scripts, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("unix", socket)
	return engine.New(map[string]*engine.Program{"": p}, zerolog.Nop()), l, err
}

// serve runs a script in this process and returns a load of the workload on it.
func serve(t testing.TB, script string, w *workload) *load.Generator {
	t.Helper()
	e, l, err := newEngine(filepath.Join(t.TempDir(), "s"), script)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- e.Serve(l, "") }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &load.Generator{Network: "unix", Address: l.Addr().String(), Connections: 8, Bag: load.NewMailbag(w.messages())}
}

func TestWorkloads(t *testing.T) {
	const messages = 200
	for _, w := range workloads {
		for _, churn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/churn=%v", w.name, churn), func(t *testing.T) {
				l := serve(t, w.name+".lua", &w)
				if churn {
					l.PerConnection = 1
				}
				got, err := l.Count(t.Context(), messages, time.Minute)
				if err != nil || got.Messages != messages || got.Wrong != 0 || got.Lost != 0 || got.Latencies.Total() != messages {
					t.Errorf("%d messages, %d wrong, %d lost: %v", got.Messages, got.Wrong, got.Lost, err)
				}
			})
		}
	}
}

func TestWrongFilterIsNoticed(t *testing.T) {
	const messages = 40
	for _, c := range []struct{ script, workload, says string }{
		{"w1.lua", "w2", "added X-Rcpt-Count, which was not expected"},
		{"w2.lua", "w3", "added X-Header-Count, which was not expected"},
		{"w1.lua", "w4", "added X-Rcpt-Count, which was not expected"},
	} {
		got, err := serve(t, c.script, workloadNamed(c.workload)).Count(t.Context(), messages, time.Minute)
		if err == nil || !strings.Contains(err.Error(), c.says) || got.Wrong != messages {
			t.Errorf("%s for %s: %d of %d messages wrong, %v", c.script, c.workload, got.Wrong, messages, err)
		}
	}
}

func TestLostConnectionIsNoticed(t *testing.T) {
	for _, c := range []struct {
		name string
		meet func(net.Conn)
	}{
		{"closes", func(conn net.Conn) { _ = conn.Close() }},
		{"says nothing", func(net.Conn) {}},
		{"says nonsense", func(conn net.Conn) { _, _ = conn.Write([]byte("220 mx.site.example ESMTP\r\n")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					c.meet(conn)
				}
			}()
			bad := &load.Generator{Network: "unix", Address: l.Addr().String(), Connections: 2, Bag: load.NewMailbag(workloads[0].messages())}
			if got, err := bad.Count(t.Context(), 5, 100*time.Millisecond); err == nil || got.Lost == 0 || got.Messages != 0 {
				t.Errorf("%d messages, %d lost, %v", got.Messages, got.Lost, err)
			}
		})
	}
}

func TestInterruptedRunEnds(t *testing.T) {
	l := serve(t, "w1.lua", &workloads[0])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Timed(ctx, time.Minute, time.Minute, os.Getpid()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// ownBench measures real processes in short: this program as the filter, one that does other work, and one that cannot run.
func ownBench(t *testing.T) (b *bench, out, notes *bytes.Buffer) {
	t.Helper()
	t.Setenv(asFilter, "1")
	dir, err := os.MkdirTemp("", "load-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := unpack(dir); err != nil {
		t.Fatal(err)
	}
	self := fmt.Sprintf("'%s' {sock} {script}", os.Args[0])
	out, notes = &bytes.Buffer{}, &bytes.Buffer{}
	return &bench{
		options: options{workloads: []*workload{&workloads[0]}, connections: 4, roundCount: 1, length: 200 * time.Millisecond, reference: "self"},
		dir:     dir, bags: map[string]*load.Mailbag{}, out: out, notes: notes,
		filters: []filter{{"self", self}, {"wrong", strings.Replace(self, "{script}", filepath.Join(dir, "w2.lua"), 1)}, {"none", "false {addr}"}},
	}, out, notes
}

// says checks that every one of the texts was printed.
func says(t *testing.T, printed *bytes.Buffer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed.String(), text) {
			t.Errorf("%q is not said in\n%s", text, printed)
		}
	}
}

func TestRounds(t *testing.T) {
	b, out, notes := ownBench(t)
	if err := b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !b.bad {
		t.Error("nothing is found wrong")
	}
	says(t, out, "x self")
	says(t, notes, "w1 round 1 of 1: self", "wrong: start wrong for w1", "added X-Header-Count", "it ended: exit status 1")
}

// BenchmarkWorkload runs filter and load in one process, to be profiled: the load's part is below load.(*worker).work.
func BenchmarkWorkload(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the daemon does
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			l := serve(b, w.name+".lua", &w)
			l.Connections = 16
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := l.Count(context.Background(), b.N, time.Minute); err != nil {
				b.Fatal(err)
			}
		})
	}
}
