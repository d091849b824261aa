package scanners

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// asking is a script that asks all three, and lets the mail pass where there is no answer.
const asking = `
local clamav, rspamd, spamc = require "clamav", require "rspamd", require "spamc"

function eom(conn, msg)
  local verdict, name = clamav.scan(msg)
  if verdict == "infected" then return reject("5.7.1", "infected with " .. name) end
  msg:add_header("X-Virus", verdict or "unknown: " .. printable(name))
  local r, why = rspamd.check(msg)
  msg:add_header("X-Rspamd", r and r.action .. " " .. r.score or "unknown: " .. printable(why))
  if r and r.symbols.TEST_SUBJECT then msg:add_header("X-Rspamd-Told", table.concat(r.symbols.TEST_SUBJECT.options, " ")) end
  local s, why = spamc.check(msg)
  msg:add_header("X-SpamAssassin", s and s.score .. " " .. table.concat(s.symbols, " ") or "unknown: " .. printable(why))
end
`

// insisting is a script that has mail wait where there is no answer.
const insisting = `
local clamav = require "clamav"
function eom(conn, msg)
  clamav.scan(msg.parts[1], { on_error = "fail" })
end
`

// site is Postfix with luamilter, and a gate in front of each service.
type site struct {
	t                     *testing.T
	sink                  *mta.Sink
	server                *mta.Server
	clamd, rspamd, spamd  *gate
	daemon                *mta.Process
	clamdTime, otherTimes string
}

// newSite starts everything with a script; the times are those of the configuration.
func newSite(t *testing.T, script, clamdTime, otherTimes string) *site {
	t.Helper()
	s := &site{t: t, sink: mta.NewSink(t), clamdTime: clamdTime, otherTimes: otherTimes}
	s.clamd = newGate(t, "unix", clamd(t))
	s.rspamd, s.spamd = newGate(t, "tcp", rspamd(t)), newGate(t, "tcp", spamd(t))
	spec := mta.UnixSpec(t)
	s.server = mta.Postfix(t, mta.Options{Filters: []mta.Filter{{Milter: spec}}, Relay: s.sink.Addr})
	dir := mta.Dir(t)
	write(t, dir, "script.lua", script)
	config := write(t, dir, "luamilter.toml", fmt.Sprintf(`
listen = [%q]
scripts = ["script.lua"]
[clamav]
address = %q
timeout = %q
[rspamd]
url = "http://%s"
timeout = %q
[spamd]
address = %q
timeout = %q
[admin]
listen = %q
`, spec, s.clamd.addr, clamdTime, s.rspamd.addr, otherTimes, s.spamd.addr, otherTimes, "unix:"+filepath.Join(dir, "admin")))
	s.daemon = mta.Daemon(t, mta.Run{Args: []string{"-c", config}})
	return s
}

// send sends a message and returns the reply to its end.
func (s *site) send(subject, body string) string {
	s.t.Helper()
	c := mta.Dial(s.t, s.server.Addr)
	c.Expect("EHLO client.example", "250")
	c.Expect("MAIL FROM:<sender@test.example>", "250")
	c.Expect("RCPT TO:<user@dest.example>", "250")
	c.Expect("DATA", "354")
	reply := c.Message("From: sender@test.example\r\nSubject: " + subject + "\r\n\r\n" + body + "\r\n")
	c.Expect("QUIT", "221")
	return reply
}

// delivered sends a message, which must be taken, and returns what it has in our fields.
func (s *site) delivered(subject, body string) (fields map[string]string) {
	s.t.Helper()
	if reply := s.send(subject, body); !strings.HasPrefix(reply, "250") {
		s.t.Fatalf("refused: %s", reply)
	}
	fields = map[string]string{}
	head, _, _ := strings.Cut(string(s.sink.Next(s.t).Data), "\r\n\r\n")
	for _, line := range strings.Split(strings.ReplaceAll(head, "\r\n\t", " "), "\r\n") {
		if name, value, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(name, "X-") {
			fields[name] = value
		}
	}
	return fields
}

func (s *site) want(fields map[string]string, name, begin string) {
	s.t.Helper()
	if !strings.HasPrefix(fields[name], begin) {
		s.t.Errorf("%s is %q, want %q; all are %v", name, fields[name], begin, fields)
	}
}

func TestAnswers(t *testing.T) {
	s := newSite(t, asking, "1m", "1m")
	fields := s.delivered("hello", "nothing special")
	s.want(fields, "X-Virus", "clean")
	s.want(fields, "X-Rspamd", "no action 0")
	s.want(fields, "X-SpamAssassin", "0.1 TEST_CLIENT")
	fields = s.delivered("spam", "nothing special")
	s.want(fields, "X-Rspamd", "add header 7")
	s.want(fields, "X-Rspamd-Told", "client.example 127.0.0.1 sender@test.example user@dest.example")
	s.want(fields, "X-SpamAssassin", "7.1 TEST_")
	if reply := s.send("hello", "see "+virus); !strings.HasPrefix(reply, "550 5.7.1 infected with Luamilter.Test") {
		t.Errorf("a virus: %s", reply)
	}
	// Beyond its StreamMaxLength, clamd says so, and is not blamed.
	for range 4 {
		fields = s.delivered("hello", strings.Repeat(strings.Repeat("x", 70)+"\r\n", 30000))
		s.want(fields, "X-Virus", "unknown: ")
	}
	s.want(s.delivered("hello", "small again"), "X-Virus", "clean")
}

// Whatever becomes of a service in mid-traffic, mail passes, says that it was not asked, and is asked again when the service is back.
func TestTrouble(t *testing.T) {
	s := newSite(t, asking, "1s", "20s")
	s.want(s.delivered("hello", "before"), "X-Virus", "clean")
	for _, c := range []struct {
		name, field, clean string
		gate               *gate
		modes              []int32
	}{
		{"clamd", "X-Virus", "clean", s.clamd, []int32{closed, slow, nonsense}},
		{"rspamd", "X-Rspamd", "no action", s.rspamd, []int32{closed, nonsense}},
		{"spamd", "X-SpamAssassin", "0.1", s.spamd, []int32{closed, nonsense}},
	} {
		for _, mode := range c.modes {
			c.gate.mode.Store(mode)
			for range 2 { // one more, and it would be left alone for a while
				s.want(s.delivered("hello", "in trouble"), c.field, "unknown: "+c.name)
			}
			c.gate.mode.Store(open)
			s.want(s.delivered("hello", "after it"), c.field, c.clean)
		}
	}
	// An outage that goes on costs three time-outs, and not one for each message.
	s.clamd.mode.Store(slow)
	for i := range 8 {
		want := "unknown: clamd at " + s.clamd.addr + ": no answer within 1s"
		if i >= 3 {
			want = "unknown: clamd at " + s.clamd.addr + ": it did not answer lately"
		}
		s.want(s.delivered("hello", "a long outage"), "X-Virus", want)
	}
}

// Where the script wants it so, mail waits until there is an answer, and no other mail is harmed.
func TestInsisting(t *testing.T) {
	s := newSite(t, insisting, "1s", "1s")
	s.delivered("hello", "before")
	for _, mode := range []int32{closed, nonsense} {
		s.clamd.mode.Store(mode)
		if reply := s.send("hello", "in trouble"); !strings.HasPrefix(reply, "451") {
			t.Errorf("mode %d: %s", mode, reply)
		}
		s.clamd.mode.Store(open)
		s.delivered("hello", "after it")
	}
}
