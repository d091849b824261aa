package luaapi

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
	"luamilter/luaapi/mail"
	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// fakeHost is a daemon that does not wait.
type fakeHost struct {
	slept    time.Duration
	progress int
	err      error
	metrics  *metric.Version
	services Services
}

func (h *fakeHost) Sleep(d time.Duration) error { h.slept += d; return h.err }
func (h *fakeHost) Services() *Services         { return &h.services }
func (h *fakeHost) Progress() error             { h.progress++; return h.err }
func (h *fakeHost) Metrics() *metric.Version    { return h.metrics }

func (h *fakeHost) Wait(do func(context.Context) error) error { return do(context.Background()) }

// vm is a VM with the API, and the call of a hook to run scripts in.
type vm struct {
	*Env
	call *Call
	host *fakeHost
	log  bytes.Buffer
	t    testing.TB
}

// testFields are the header of the tests' message.
var testFields = []protocol.Field{
	{Name: "Received", Value: "from a\n\tby b"},
	{Name: "Subject", Value: "hello", Tail: "  hello"},
	{Name: "X-A", Value: "one"},
	{Name: "x-a", Value: "two\n three"},
	{Name: "X-A", Value: ""},
}

const testBody = "first line\r\n\r\nlast: %d+ line\r\n"

// newVM returns a VM in a hook at that stage. Scripts find conn, and where there are any msg, headers and neg, as globals.
func newVM(t testing.TB, stage protocol.Stage) *vm {
	v := &vm{Env: Open(unlimited()), host: &fakeHost{}, t: t}
	t.Cleanup(v.L.Close)
	logger := zerolog.New(&v.log).Level(zerolog.InfoLevel)
	all := protocol.Stages(0)
	for s := range protocol.Stage(protocol.NumStages) {
		all = all.With(s)
	}
	v.call = &Call{Stage: stage, Log: &logger, Host: v.host, Layers: &Layers{Connection: v.NewLayer()}, Conn: &Conn{
		ID: "7", Host: "mail.example.com", Family: protocol.FamilyInet, IP: "192.0.2.1", Port: 2525, Helo: "helo.example.com", Macros: &protocol.Macros{}, Known: all,
		InMessage: stage.InMessage(), Sender: "sender@example.com", Recipients: []string{"one@example.com", "two@example.com"},
	}}
	v.set("conn", v.call.Layers.Connection)
	if stage.InMessage() {
		v.call.Layers.Message = v.NewLayer()
		v.set("conn", v.call.Layers.Message)
	}
	switch stage {
	case protocol.StageNegotiate:
		v.call.Want, v.call.Offer = &protocol.Want{}, &protocol.Offer{Version: 6, Actions: 0x1ff, Steps: 0x1fffff}
		v.set("neg", v.NewNegotiation())
	case protocol.StageEOH:
		v.call.Headers = protocol.NewHeaderEdit(testFields)
		v.set("headers", v.NewHeaders(v.call.Headers))
	case protocol.StageEOM:
		v.begin(testMessage())
		v.set("headers", v.NewHeaders(v.call.Headers))
	}
	v.Begin(v.call)
	return v
}

func testMessage() *Message {
	return NewMessage(protocol.NewHeaderEdit(testFields), "sender@example.com",
		[]mail.Recipient{{Address: "one@example.com", AsSent: "<one@example.com>"}, {Address: "two@example.com", AsSent: "<two@example.com>"}}, collected(testBody))
}

// begin makes another message that of the running eom hook.
func (v *vm) begin(m *Message) {
	v.call.Message, v.call.Headers = m, m.Header
	v.set("msg", v.NewMessage(m))
}

func (v *vm) set(name string, value lua.LValue) { v.L.SetGlobal(name, value) }

// run runs a script and returns what it returns, nil if that is nothing.
func (v *vm) run(script string) (lua.LValue, error) {
	v.t.Helper()
	fn, err := v.L.Load(strings.NewReader(script), "s.lua")
	if err != nil {
		v.t.Fatalf("%s: %v", script, err)
	}
	v.L.Push(fn)
	if err := v.L.PCall(0, 1, nil); err != nil {
		var api *lua.ApiError
		if errors.As(err, &api) && api.Type == lua.ApiErrorRun {
			return nil, errors.New(api.Object.String())
		}
		return nil, err
	}
	value := v.L.Get(-1)
	v.L.Pop(1)
	return value, nil
}

// want checks what a script returns, as tostring shows it.
func (v *vm) want(script, want string) {
	v.t.Helper()
	got, err := v.run(script)
	if err != nil {
		v.t.Errorf("%s: %v", script, err)
		return
	}
	if s := v.L.ToStringMeta(got).String(); s != want {
		v.t.Errorf("%s\n got %q\nwant %q", script, s, want)
	}
}

// fails checks that a script raises an error, which must begin with the line that wrote it.
func (v *vm) fails(script, want string) {
	v.t.Helper()
	got, err := v.run(script)
	if err == nil {
		v.t.Errorf("%s: no error, but %v", script, got)
		return
	}
	if want = "s.lua:1: " + want; err.Error() != want {
		v.t.Errorf("%s\n got %s\nwant %s", script, err, want)
	}
}

// lines returns what was logged, and forgets it.
func (v *vm) lines() []map[string]any {
	v.t.Helper()
	var out []map[string]any
	for line := range strings.Lines(v.log.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			v.t.Fatalf("%q: %v", line, err)
		}
		out = append(out, m)
	}
	v.log.Reset()
	return out
}

// macros sets the macros of the call: of the connection, and of the message if there are any.
func (v *vm) macros(connection, message map[string]string) {
	v.t.Helper()
	var in bytes.Buffer
	frame := func(cmd byte, payload string) {
		in.Write(binary.BigEndian.AppendUint32(nil, uint32(1+len(payload))))
		in.WriteString(string(cmd) + payload)
	}
	values := func(cmd string, macros map[string]string) string {
		for name, value := range macros {
			cmd += protocol.MacroName(name) + "\x00" + value + "\x00"
		}
		return cmd
	}
	frame('D', values("C", connection))
	frame('C', "localhost\x00U")
	if message != nil {
		frame('D', values("M", message))
		frame('M', "<sender@example.com>\x00")
	}
	frame('Q', "")
	c := protocol.NewServerConn(readConn{r: &in})
	if _, err := c.Next(); err != nil {
		v.t.Fatal(err)
	}
	v.call.Conn.Macros = c.Macros()
}

// readConn is a connection whose other end has said all that it will say.
type readConn struct {
	net.Conn
	r io.Reader
}

func (c readConn) Read(p []byte) (int, error)       { return c.r.Read(p) }
func (c readConn) LocalAddr() net.Addr              { return nil }
func (c readConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c readConn) SetWriteDeadline(time.Time) error { return nil }

// unlimited is a budget that no test uses up.
func unlimited() *budget.Budget {
	b := &budget.Budget{MaxString: 64 << 20}
	b.Begin(1<<40, time.Hour)
	return b
}
