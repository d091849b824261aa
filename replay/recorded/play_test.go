package recorded_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"luamilter/engine"
	"luamilter/record"
	"luamilter/replay/asked"
	"luamilter/replay/recorded"
	"luamilter/simulate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program loads a script.
func program(t *testing.T, script string) *engine.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "filter.lua")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := engine.Load([]string{path}, engine.Options{Limits: engine.DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// recording plays a connection of the simulated MTA to a script, and returns what was recorded of it.
func recording(t *testing.T, script string, bodies record.Bodies, talk func(s *simulate.Session)) *record.Recording {
	t.Helper()
	dir, err := record.Open(record.Options{Path: t.TempDir(), Sample: 1, Bodies: bodies})
	if err != nil {
		t.Fatal(err)
	}
	f := simulate.NewFilter(program(t, script), zerolog.Nop())
	f.Engine().Tap = func(nc net.Conn, listener, id string) net.Conn {
		return dir.Tap(nc, listener, id, []string{"filter.lua"})
	}
	s, err := f.Open(simulate.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	talk(s)
	if err := s.Quit(); err != nil {
		t.Fatal(err)
	}
	for _, closer := range []interface{ Close() error }{f, dir} {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	found, _ := record.Find([]string{dir.Path()})
	if len(found) != 1 {
		t.Fatalf("recordings: %v", found)
	}
	rec, err := record.Load(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// play plays a recording to a script.
func play(t *testing.T, script string, rec *record.Recording) *recorded.Result {
	t.Helper()
	p := recorded.NewPlayer(program(t, script), zerolog.Nop())
	r, err := p.Play(context.Background(), rec)
	if failed := p.Close(); err == nil {
		err = failed
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// show puts a result on few lines.
func show(r *recorded.Result) string {
	var lines []string
	for _, d := range r.Differences {
		line := fmt.Sprintf("message %d %s %s: %s -> %s", d.Message, d.Stage, d.About, d.Then, d.Now)
		for change := range strings.Lines(d.Changes) {
			if (change[0] == '-' || change[0] == '+') && change[1] != change[0] {
				line += "; " + strings.TrimSpace(change)
			}
		}
		lines = append(lines, line)
	}
	for _, w := range r.Warnings {
		lines = append(lines, "warning: "+w)
	}
	for _, e := range r.Errors {
		lines = append(lines, fmt.Sprintf("error: %d: %s", e.Line, e.Text))
	}
	return strings.Join(lines, "\n")
}

// two sends two messages, the first to two recipients.
func two(s *simulate.Session) {
	for i, to := range [][]string{{"b@example.net", "c@example.net"}, {"b@example.net"}} {
		env := simulate.NewEnvelope(fmt.Sprintf("a%d@example.com", i+1), to...)
		text := fmt.Sprintf("Subject: number %d\nX-Blank:  two\n\nhello\n", i+1)
		if _, err := s.Send(env, simulate.ReadMessage([]byte(text))); err != nil {
			panic(err)
		}
	}
}

// then is the script that was recorded: it hears of everything.
const then = `
function connect(conn) return nil or continue end
function helo(conn, name) conn.n = 0 return nil or continue end
function mail(conn, from) return nil or continue end
function rcpt(conn, to) if to == "c@example.net" then return reject("no " .. to) end end
function header(conn, name, value) return nil or continue end
function body(conn, chunk) return nil or continue end
function eom(conn, msg) msg:add_header("X-Queue", conn.queue_id) msg:replace_body(msg.body .. "bye\r\n") end
`

// TestReplay compares what other scripts answer to what was recorded.
func TestReplay(t *testing.T) {
	rec := recording(t, then, record.KeepBodies, two)
	edited := func(old, text string) string { return strings.Replace(then, old, text, 1) }
	for _, test := range []struct{ name, now, want string }{
		{"the same script", then, ""},
		{"a macro of then", edited("conn.queue_id", "conn.macros.i"), ""},
		{"another reply to a recipient", edited("no \" .. to", "gone\""), "message 1 rcpt <c@example.net>: reject 550 5.7.1 no c@example.net -> reject 550 5.7.1 gone"},
		{"no recipient is refused", edited("if to ==", "if to .. 'x' =="), "message 1 rcpt <c@example.net>: reject 550 5.7.1 no c@example.net -> continue"},
		{"all recipients are refused", edited(`to == "c@example.net"`, "conn.sender == 'a1@example.com'"),
			"message 1 rcpt <b@example.net>: continue -> reject 550 5.7.1 no b@example.net"},
		{"a message is refused at once", edited("function mail(conn, from)", "function mail(conn, from) if from == 'a1@example.com' then return reject end"),
			"message 1 mail <a1@example.com>: continue -> reject 550 5.7.1 Command rejected"},
		{"the second message at eom", edited("msg:add_header", "if conn.sender == 'a2@example.com' then return tempfail('later') end msg:add_header"),
			"message 2 eom : continue -> tempfail 451 4.7.1 later"},
		{"at a header field", edited("name, value)", "name, value) if value:find('2$') then return reject end"),
			"message 2 header Subject: continue -> reject 550 5.7.1 Command rejected"},
		{"another header field", edited("X-Queue", "X-Other"),
			"message 1 eom : continue -> continue; -add X-Queue: 4SIM100001; +add X-Other: 4SIM100001\n" +
				"message 2 eom : continue -> continue; -add X-Queue: 4SIM100002; +add X-Other: 4SIM100002"},
		{"another body", edited(".. \"bye", ".. \"see you"), "message 1 eom : continue -> continue; -body of 12 bytes, digest 07e7bf9caacce8e1; +body of 16 bytes, digest 058fb25cb79d48f7"},
		{"the client is refused", edited("function connect(conn)", "function connect(conn) do return reject end"),
			"message 0 connect client.example.com: continue -> reject 550 5.7.1 Command rejected"},
		{"accepted at mail, so nothing is added", edited("function mail(conn, from)", "function mail(conn, from) do return accept end"), "message 1 mail <a1@example.com>: continue -> accept; -add X-Queue: 4SIM100001; -body"},
		{"an error", edited("msg:add_header", "local x = nil; x.y = 1 msg:add_header"), "error: 8: attempt to index a nil value"},
		{"fields to the byte were not recorded", edited("msg:add_header", "conn.raw = msg.headers[1].raw msg:add_header"), "warning: the scripts want header fields to the byte"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := play(t, test.now, rec)
			got := show(r)
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if r.Messages != 2 && !strings.Contains(test.name, "client") {
				t.Errorf("%d messages", r.Messages)
			}
		})
	}
}

// TestNegotiatedAway names what is wanted now and was negotiated away then.
func TestNegotiatedAway(t *testing.T) {
	rec := recording(t, "function eom(conn, msg) msg:add_header('X-A', '1') end", record.KeepBodies, two)
	for _, test := range []struct{ name, now, want string }{
		{"less is wanted", "function eom(conn, msg) msg:add_header('X-A', '1') end", ""},
		{"helo", "function helo(conn, name) end function eom(conn, msg) msg:add_header('X-A', '1') end",
			"warning: the scripts want helo, which the scripts of then had negotiated away: it is not in the recording"},
		{"the body", "function eom(conn, msg) msg:add_header('X-A', #msg.body) end", "warning: the scripts want body, which"},
		{"a macro", "function eom(conn, msg) msg:add_header('X-A', conn.macros.client_ptr and '1' or '1') end",
			"warning: the scripts ask for the macro {client_ptr}, which is not in the recording"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := show(play(t, test.now, rec)); test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestHidden compares bodies as they are in the recording.
func TestHidden(t *testing.T) {
	for _, bodies := range []record.Bodies{record.MaskBodies, record.NoBodies} {
		rec := recording(t, then, bodies, two)
		got := show(play(t, then, rec))
		if want := fmt.Sprintf("(bodies = %q)", bodies); strings.Count(got, "\n") != 0 || !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s\nwant %s", bodies, got, want)
		}
	}
}

// TestVerdictsOfThen has scripts play that do not do what was done then.
func TestVerdictsOfThen(t *testing.T) {
	pass := "function mail(conn) return nil or continue end function eom(conn, msg) end"
	for _, test := range []struct{ name, then, now, want string }{
		{"refused then", "function mail(conn) return reject end", pass, "message 1 mail <a1@example.com>: reject 550 5.7.1 Command rejected -> continue\nmessage 2 mail"},
		{"accepted then", "function mail(conn) return accept end", pass, "warning: the scripts of then accepted a message at mail: the rest of it is not in the recording"},
		{"the same verdict earlier", "function eom(conn) return reject('no') end function mail(conn) return nil or continue end", "function mail(conn) return reject('no') end", ""},
		{"the client was refused then", "function helo(conn) return reject end", pass, "message 0 helo client.example.com: reject 550 5.7.1 Command rejected -> continue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := show(play(t, test.now, recording(t, test.then, record.KeepBodies, two)))
			if test.want == "" && strings.Contains(got, "->") || !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestCutOff plays recordings that end anywhere: what is there is played.
func TestCutOff(t *testing.T) {
	whole := recording(t, then, record.KeepBodies, two)
	for n := range len(whole.Packets) + 1 {
		rec := *whole
		rec.Packets, rec.Ended = whole.Packets[:n], ""
		p := recorded.NewPlayer(program(t, then), zerolog.Nop())
		r, err := p.Play(context.Background(), &rec)
		if failed := p.Close(); failed != nil {
			t.Fatal(failed)
		}
		switch {
		case n < 2:
			if err == nil || !strings.Contains(err.Error(), "no negotiation") {
				t.Errorf("%d packets: %v", n, err)
			}
		case err != nil || len(r.Differences) > 0 || len(r.Warnings) != 1:
			t.Errorf("%d packets: %v\n%s", n, err, show(r))
		}
	}
}

// What scripts ask is in the result, and nobody is asked.
func TestLookups(t *testing.T) {
	rec := recording(t, "function mail() end function rcpt() return continue end", record.KeepBodies, two)
	p := recorded.NewPlayer(program(t, `
local dns = require "dns"
function mail(conn, sender) dns.mx("example.com") end
function rcpt(conn, to) if dns.a("example.net") then return reject end end
`), zerolog.Nop())
	p.Asker = asked.Silent("a replay")
	r, err := p.Play(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	var all []string
	for i := range r.Lookups {
		all = append(all, r.Lookups[i].String())
	}
	const want = "dns MX example.com (2 times): not asked in a replay, dns A example.net (3 times): not asked in a replay"
	if got := strings.Join(all, ", "); got != want || show(r) != "" {
		t.Errorf("%s, %s\nnot %s", got, show(r), want)
	}
}
