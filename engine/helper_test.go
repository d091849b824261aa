package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

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
	limits  Limits
	onError protocol.Verdict
	park    time.Duration
}

// defaults has errors amount to tempfail, and connections that count as quiet soon.
func defaults() setup {
	return setup{limits: DefaultLimits, onError: protocol.Tempfail, park: 5 * time.Millisecond}
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
	r.engine = New(r.program, zerolog.New(&r.log).Level(zerolog.DebugLevel))
	r.engine.parkAfter = s.park
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
	p, err := Load(paths, Options{Limits: s.limits, OnError: s.onError})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (r *rig) countVMs(p *Program) {
	newVM := p.vms.make
	r.made.Add(1) // the one that Load tried
	p.vms.make = func() (*vm, error) {
		r.made.Add(1)
		return newVM()
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
	go func() { done <- e.Serve(l) }()
	t.Cleanup(func() { stopEngine(t, e, done) })
	return l.Addr().String()
}

// wait waits until a condition holds.
func wait(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 2000 {
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
	r.program.vms.mu.Lock()
	defer r.program.vms.mu.Unlock()
	return len(r.program.vms.spare)
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

// mta is the MTA's end of a connection, told in words what to do.
type mta struct {
	*protocol.Client
	t        *testing.T
	conn     net.Conn
	progress int // how often the last end of a message was told to wait
}

// mta connects and negotiates what MTAs offer today.
func (r *rig) mta() *mta {
	r.t.Helper()
	m := r.connect()
	if _, err := m.Negotiate(protocol.FullOffer); err != nil {
		r.t.Fatal(err)
	}
	return m
}

// connect connects and says nothing yet.
func (r *rig) connect() *mta {
	r.t.Helper()
	nc, err := net.Dial("unix", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	c := protocol.NewClient(nc, 10*time.Second)
	r.t.Cleanup(func() { _ = c.Close() })
	return &mta{Client: c, t: r.t, conn: nc}
}

// dialog plays a conversation, one step a line, and compares what the filter answers with what stands behind "->".
func (m *mta) dialog(text string) {
	m.t.Helper()
	for line := range strings.Lines(text) {
		step, want, check := strings.Cut(strings.TrimSpace(line), " -> ")
		if step == "" {
			continue
		}
		step = strings.TrimSpace(step)
		if got := m.do(step); check && got != strings.TrimSpace(want) {
			m.t.Errorf("%s\n got %s\nwant %s", step, got, want)
		}
	}
}

// do takes one step and returns the answer: the reply, "unsent" for what the filter does not want, "silent" for what it
// does not answer, or the error.
func (m *mta) do(step string) string {
	m.t.Helper()
	verb, rest, _ := strings.Cut(step, " ")
	if strings.Contains(rest, `\`) {
		text, err := strconv.Unquote(`"` + rest + `"`)
		if err != nil {
			m.t.Fatalf("%s: %v", step, err)
		}
		rest = text
	}
	switch verb {
	case "macros":
		m.macros(rest)
		return ""
	case "eom":
		return m.eom()
	case "abort":
		return m.told(m.Abort())
	case "quitnc":
		return m.told(m.QuitNC())
	case "quit":
		return m.told(m.Quit())
	case "vanish":
		return m.told(m.Close())
	}
	ev := m.event(verb, rest)
	if !m.Wants(ev.Stage()) {
		return "unsent"
	}
	r, err := m.Send(ev)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case m.Agreed().Steps&ev.Stage().NRStep() != 0:
		return "silent"
	}
	return replyText(r)
}

func (m *mta) told(err error) string {
	m.t.Helper()
	if err != nil {
		m.t.Errorf("%v", err)
	}
	return ""
}

// event makes an event from words.
func (m *mta) event(verb, rest string) protocol.Event {
	m.t.Helper()
	first, more, _ := strings.Cut(rest, " ")
	params := protocol.MakeParams(strings.Fields(more)...)
	switch verb {
	case "connect":
		return connectEvent(strings.Fields(rest))
	case "helo":
		return &protocol.Helo{Name: []byte(rest)}
	case "mail":
		return &protocol.Mail{Sender: []byte(first), Params: params}
	case "rcpt":
		return &protocol.Rcpt{Recipient: []byte(first), Params: params}
	case "data":
		return &protocol.Data{}
	case "header":
		name, value, _ := strings.Cut(rest, ":")
		if m.Agreed().Steps&protocol.LeadingSpace == 0 {
			value = strings.TrimPrefix(value, " ")
		}
		return &protocol.Header{Name: []byte(name), Value: []byte(value)}
	case "eoh":
		return &protocol.EndOfHeader{}
	case "body":
		return &protocol.Body{Chunk: []byte(rest)}
	case "unknown":
		return &protocol.Unknown{Line: []byte(rest)}
	}
	m.t.Fatalf("no such step: %s %s", verb, rest)
	return nil
}

// connectEvent takes host, family, address and port, or nothing for a usual client.
func connectEvent(words []string) *protocol.Connect {
	if len(words) == 0 {
		words = []string{"client.example.net", "inet", "192.0.2.7", "4321"}
	}
	family := map[string]protocol.Family{"inet": protocol.FamilyInet, "inet6": protocol.FamilyInet6, "unix": protocol.FamilyUnix}[words[1]]
	ev := &protocol.Connect{Host: []byte(words[0]), Family: family}
	if len(words) > 2 {
		ev.Address = []byte(words[2])
	}
	if len(words) > 3 {
		port, _ := strconv.ParseUint(words[3], 10, 16)
		ev.Port = uint16(port)
	}
	return ev
}

// macros sends macros: a stage, then name=value, separated by semicolons.
func (m *mta) macros(text string) {
	m.t.Helper()
	name, rest, _ := strings.Cut(text, " ")
	stage, ok := protocol.StageNamed(name)
	if !ok {
		m.t.Fatalf("macros for %q", name)
	}
	var pairs []string
	for p := range strings.SplitSeq(rest, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(p), "="); ok {
			pairs = append(pairs, name, value)
		}
	}
	if err := m.Macros(stage, pairs...); err != nil {
		m.t.Error(err)
	}
}

// eom ends the message: the reply and the changes.
func (m *mta) eom() string {
	changes, r, progress, err := m.EndOfMessage()
	m.progress = progress
	if err != nil {
		return "error: " + err.Error()
	}
	out := []string{replyText(r)}
	for _, c := range changes {
		if m.Agreed().Steps&protocol.LeadingSpace != 0 {
			c.Value = strings.TrimPrefix(c.Value, " ")
		}
		out = append(out, changeText(c))
	}
	return strings.Join(out, ", ")
}

func replyText(r protocol.Reply) string {
	if r.Code == 0 {
		return r.Verdict.String()
	}
	text := strings.ReplaceAll(r.Text, "\n", " / ")
	return strings.Join(strings.Fields(fmt.Sprintf("%v %d %s %s", r.Verdict, r.Code, r.Enhanced, text)), " ")
}

func changeText(c protocol.Change) string {
	text := fmt.Sprintf("%v %s %s", c.Response, c.Value, c.Params)
	switch c.Response {
	case protocol.RespAddHeader:
		text = fmt.Sprintf("%v %s: %s", c.Response, c.Name, c.Value)
	case protocol.RespInsHeader, protocol.RespChgHeader:
		text = fmt.Sprintf("%v %d %s: %s", c.Response, c.Index, c.Name, c.Value)
	case protocol.RespReplBody:
		text = fmt.Sprintf("%v %q", c.Response, c.Body)
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", `\n`)
}

// message is a whole message in words, with one recipient; each test adds what it needs.
const wholeMessage = `
	mail <sender@example.org>
	rcpt <reader@example.com>
	data
	header Subject: hello
	eoh
	body text\r\n
	eom`

// packet writes a packet as it is given, past the client.
func (m *mta) packet(command byte, payload string) {
	m.t.Helper()
	p := []byte{0, 0, 0, byte(len(payload) + 1), command}
	if _, err := m.conn.Write(append(p, payload...)); err != nil {
		m.t.Fatal(err)
	}
}

// answer reads one packet past the client.
func (m *mta) answer() string {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	var head [5]byte
	if _, err := m.conn.Read(head[:]); err != nil {
		return "error: " + err.Error()
	}
	rest := make([]byte, int(head[3])-1)
	if len(rest) > 0 {
		if _, err := m.conn.Read(rest); err != nil {
			return "error: " + err.Error()
		}
	}
	return string(head[4]) + string(rest)
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
