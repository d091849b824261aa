package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi"
	"luamilter/luaapi/spool"
	"luamilter/protocol"
)

// rig is an engine that runs scripts, what it logs, and how to reach it.
type rig struct {
	t       *testing.T
	engine  *Engine
	program *Program
	addr    string
	log     logLines
	made    atomic.Int64 // VMs made so far
}

// setup is what a test wants otherwise than the daemon has it.
type setup struct {
	limits    Limits
	onError   protocol.Verdict
	park      time.Duration
	keepAlive time.Duration
	memory    *Memory
	spool     *spool.Dir
	tooLarge  TooLarge
	services  *luaapi.Services
}

// defaults has errors amount to tempfail, and connections that count as quiet soon.
func defaults() setup {
	return setup{limits: DefaultLimits, onError: protocol.Tempfail, park: 5 * time.Millisecond, keepAlive: defaultKeepAlive}
}

// start serves scripts, given as text, in their order.
func start(t *testing.T, scripts ...string) *rig {
	t.Helper()
	return defaults().start(t, scripts...)
}

func (s setup) start(t *testing.T, scripts ...string) *rig {
	t.Helper()
	r := &rig{t: t, program: s.load(t, scripts...)}
	r.countVMs(r.program)
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	r.engine.ParkAfter, r.engine.keepAlive = s.park, s.keepAlive
	r.addr = serve(t, r.engine)
	return r
}

// load compiles scripts that are given as text: first.lua, second.lua and so on.
func (s setup) load(t *testing.T, scripts ...string) *Program {
	t.Helper()
	var paths []string
	for i, text := range scripts {
		paths = append(paths, writeScript(t, []string{"first", "second", "third"}[i], text))
	}
	if s.services == nil {
		s.services = luaapi.PlayedServices(time.Now)
	}
	p, err := Load(paths, Options{Limits: s.limits, OnError: s.onError, Memory: s.memory, Spool: s.spool, TooLarge: s.tooLarge, Services: s.services})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// testLog writes everything, one JSON object a line.
func testLog(to *logLines) zerolog.Logger { return zerolog.New(to).Level(zerolog.DebugLevel) }

func (r *rig) countVMs(p *Program) {
	for _, s := range p.Scripts {
		newVM := s.vms.make
		r.made.Add(1) // the one that Load tried
		s.vms.make = func() (*vm, error) {
			r.made.Add(1)
			return newVM()
		}
	}
}

// serve runs an engine on a unix socket until the test ends, and returns the socket's path.
func serve(t testing.TB, e *Engine) string {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- e.Serve(l, "") }()
	t.Cleanup(func() { stopEngine(t, e, done) })
	return l.Addr().String()
}

// wait waits until a condition holds.
func wait(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 30_000 {
		if holds() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("waited too long for: %s", what)
}

// ended waits until no connection is open.
func (r *rig) ended() {
	r.t.Helper()
	wait(r.t, "the connections to end", func() bool { return r.engine.Sessions() == 0 })
}

func (r *rig) spare() int {
	n := 0
	for _, s := range r.program.Scripts {
		s.vms.mu.Lock()
		n += len(s.vms.spare)
		s.vms.mu.Unlock()
	}
	return n
}

// parked waits until no connection holds a VM.
func (r *rig) parked() {
	r.t.Helper()
	wait(r.t, "every VM to be back in the pool", func() bool { return r.spare() == int(r.made.Load()) })
}

// said returns what the scripts wrote with log.info, in order.
func (r *rig) said() []string {
	var out []string
	for _, l := range r.log.lines() {
		if l["level"] == "info" && l["hook"] != nil {
			out = append(out, fmt.Sprint(l["message"]))
		}
	}
	return out
}

// logLines is a log that keeps its lines.
type logLines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines decodes what was logged so far.
func (l *logLines) lines() []map[string]any {
	var out []map[string]any
	for line := range strings.Lines(l.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			m = map[string]any{"level": "broken", "message": line}
		}
		out = append(out, m)
	}
	return out
}

// at returns the lines of a level.
func (l *logLines) at(level string) []map[string]any {
	var out []map[string]any
	for _, line := range l.lines() {
		if line["level"] == level {
			out = append(out, line)
		}
	}
	return out
}

// equal compares lists of lines and shows both when they differ.
func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	g, w := strings.Join(got, "\n  "), strings.Join(want, "\n  ")
	if g != w {
		t.Errorf("%s\n got\n  %s\nwant\n  %s", what, g, w)
	}
}

// list makes a list of the lines of a text.
func list(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// replace changes the script of a test on disk.
func replace(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// serving serves a program until the test ends.
func serving(t *testing.T, s setup, p *Program) *rig {
	t.Helper()
	r := &rig{t: t, program: p}
	r.engine = New(map[string]*Program{"": p}, testLog(&r.log))
	r.engine.ParkAfter, r.engine.keepAlive = s.park, s.keepAlive
	r.addr = serve(t, r.engine)
	return r
}

// text writes what a line of the log has under a name.
func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
