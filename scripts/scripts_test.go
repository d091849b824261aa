package scripts

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/protocol"
)

// filter is a running engine with scripts of this folder.
type filter struct {
	t    *testing.T
	addr string
	log  *bytes.Buffer // read after stop only
	stop func()
}

func start(t *testing.T, scripts ...string) *filter {
	t.Helper()
	var paths []string
	for _, s := range scripts {
		paths = append(paths, s+".lua")
	}
	p, err := engine.Load(paths, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	f := &filter{t: t, log: &bytes.Buffer{}}
	e := engine.New(map[string]*engine.Program{"": p}, zerolog.New(f.log))
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	f.addr = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- e.Serve(l, "") }()
	stopped := false
	f.stop = func() {
		if stopped {
			return
		}
		stopped = true
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		p.Close()
	}
	t.Cleanup(f.stop)
	return f
}

// connection is one SMTP connection that the MTA tells the filter of.
type connection struct {
	t *testing.T
	*protocol.Client
}

func (f *filter) connect(ip string) *connection {
	f.t.Helper()
	nc, err := net.Dial("unix", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	c := &connection{f.t, protocol.NewClient(nc, 10*time.Second)}
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		f.t.Fatal(err)
	}
	c.expect(protocol.Continue, &protocol.Connect{Host: []byte("client.example.com"), Family: protocol.FamilyInet, Port: 2525, Address: []byte(ip)})
	c.expect(protocol.Continue, &protocol.Helo{Name: []byte("client.example.com")})
	return c
}

// expect sends an event and wants that verdict.
func (c *connection) expect(v protocol.Verdict, ev protocol.Event) protocol.Reply {
	c.t.Helper()
	r, err := c.Send(ev)
	if err != nil {
		c.t.Fatal(err)
	}
	if r.Verdict != v {
		c.t.Fatalf("%v: got %v, want %v", ev.Stage(), r, v)
	}
	return r
}

// envelope sends MAIL and RCPT.
func (c *connection) envelope(recipients ...string) {
	c.t.Helper()
	c.expect(protocol.Continue, &protocol.Mail{Sender: []byte("<sender@example.com>")})
	for _, r := range recipients {
		c.expect(protocol.Continue, &protocol.Rcpt{Recipient: []byte("<" + r + ">")})
	}
	c.expect(protocol.Continue, &protocol.Data{})
}

// header sends fields, given as "Name: value", and the end of the header.
func (c *connection) header(fields ...string) {
	c.t.Helper()
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		c.expect(protocol.Continue, &protocol.Header{Name: []byte(name), Value: []byte(value)})
	}
	c.expect(protocol.Continue, &protocol.EndOfHeader{})
}

// finish ends the message and returns the changes as text.
func (c *connection) finish() (changes []string, r protocol.Reply) {
	c.t.Helper()
	list, r, _, err := c.EndOfMessage()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, ch := range list {
		text := fmt.Sprintf("%v %d %s: %s", ch.Response, ch.Index, ch.Name, ch.Value)
		changes = append(changes, text)
	}
	return changes, r
}

func (c *connection) bye() {
	c.t.Helper()
	if err := c.Quit(); err != nil {
		c.t.Error(err)
	}
}

func wantChanges(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRcptCount(t *testing.T) {
	c := start(t, "rcpt_count").connect("192.0.2.1")
	c.envelope("a@example.com", "b@example.com", "c@example.com")
	c.header("Subject: one")
	changes, _ := c.finish()
	wantChanges(t, changes, "ADDHEADER 0 X-Rcpt-Count: 3")

	// A second message on the connection has its own count.
	c.envelope("a@example.com")
	c.header("Subject: two")
	changes, _ = c.finish()
	wantChanges(t, changes, "ADDHEADER 0 X-Rcpt-Count: 1")
	c.bye()
}

func TestHeaders(t *testing.T) {
	cases := []struct {
		name, ip string
		login    bool
		fields   []string
		want     []string
	}{
		{"from outside", "192.0.2.1", false, []string{"Subject: hello"},
			[]string{"CHGHEADER 1 Subject: [external] hello", "INSHEADER 0 X-Origin: external; client=192.0.2.1"}},
		{"marked already", "192.0.2.1", false, []string{"Subject: [external] hello"},
			[]string{"INSHEADER 0 X-Origin: external; client=192.0.2.1"}},
		{"without a subject", "192.0.2.1", false, []string{"From: a@example.com"},
			[]string{"INSHEADER 0 X-Origin: external; client=192.0.2.1", "ADDHEADER 0 Subject: [external]"}},
		{"an answer to a marked one", "192.0.2.1", false, []string{"Subject: =?utf-8?q?Re=3A_=5Bexternal=5D_hello?="},
			[]string{"INSHEADER 0 X-Origin: external; client=192.0.2.1"}},
		{"forged headers", "192.0.2.1", false, []string{"X-Spam-Flag: NO", "Subject: [external] x", "x-spam-flag: NO", "X-Origin: internal"},
			[]string{"CHGHEADER 1 X-Origin: ", "CHGHEADER 2 x-spam-flag: ", "CHGHEADER 1 X-Spam-Flag: ", "INSHEADER 0 X-Origin: external; client=192.0.2.1"}},
		{"from ourselves", "127.0.0.1", false, []string{"Subject: hello", "X-Origin: internal"}, nil},
		{"logged in", "192.0.2.1", true, []string{"Subject: hello"}, nil},
	}
	f := start(t, "headers")
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := f.connect(tc.ip)
			c.t = t
			if tc.login {
				if err := c.Macros(protocol.StageMail, "{auth_type}", "PLAIN", "{auth_authen}", "user@example.com"); err != nil {
					t.Fatal(err)
				}
			}
			c.envelope("a@example.com")
			c.header(tc.fields...)
			changes, _ := c.finish()
			wantChanges(t, changes, tc.want...)
			c.bye()
		})
	}
}

func TestBlockToken(t *testing.T) {
	const token = "BLOCK-THIS-MESSAGE"
	cases := []struct {
		name    string
		chunks  []string
		skipped int // the chunk at which the script has seen enough, from 1; 0 never
	}{
		{"clean", []string{"hello\r\n"}, 0},
		{"no body", nil, 0},
		{"whole", []string{"say " + token + " now\r\n"}, 1},
		{"across two chunks", []string{"say BLOCK-THI", "S-MESSAGE now\r\n"}, 2},
		{"a byte at a time", strings.Split(token, ""), len(token)},
		{"almost", []string{"BLOCK-THIS", "MESSAGE\r\n"}, 0},
	}
	f := start(t, "block_token")
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := f.connect("192.0.2.1")
			c.t = t
			c.envelope("a@example.com")
			c.header("Subject: x")
			for i, chunk := range tc.chunks {
				want := protocol.Continue
				if i+1 == tc.skipped {
					want = protocol.Skip
				}
				c.expect(want, &protocol.Body{Chunk: []byte(chunk)})
			}
			_, r := c.finish()
			if blocked := r.Verdict == protocol.Reject; blocked != (tc.skipped > 0) {
				t.Errorf("verdict %v", r)
			}
			c.bye()
		})
	}
}

func TestTrace(t *testing.T) {
	f := start(t, "trace")
	c := f.connect("192.0.2.1")
	c.envelope("a@example.com")
	c.header("Subject: " + strings.Repeat("long ", 100))
	c.expect(protocol.Continue, &protocol.Body{Chunk: []byte("hello\r\n")})
	if changes, r := c.finish(); len(changes) > 0 || r.Verdict != protocol.Continue {
		t.Errorf("trace changed something: %v %v", changes, r)
	}
	c.expect(protocol.Continue, &protocol.Unknown{Line: []byte("NONSENSE")})
	c.expect(protocol.Continue, &protocol.Mail{Sender: []byte("<>")})
	c.bye()
	f.stop()
	log := f.log.String()
	for _, want := range []string{
		`"trace connect"`, `"ip":"192.0.2.1"`, `"trace helo"`, `"trace mail"`, `"sender":"sender@example.com"`, `"trace rcpt"`,
		`"recipient":"a@example.com"`, `"trace data"`, `"trace header"`, `(500 bytes)`, `"trace eoh"`, `"trace body"`, `"trace eom"`,
		`"recipients":["a@example.com"]`, `"trace unknown"`, `"command":"NONSENSE"`, `"trace abort"`, `"trace close"`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
}
