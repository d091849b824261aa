package engine

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// Everything that happens is counted once, whatever way it ends.
func TestCounts(t *testing.T) {
	s := defaults()
	s.limits.Instructions = 100_000
	r := s.start(t, `
function mail(conn, sender)
  if sender == "no" then return reject("5.7.1", "no") end
  if sender == "oops" then error("oops") end
  if sender == "what" then return 1 end
  if sender == "long" then while true do end end
end
function rcpt(conn, rcpt) if rcpt == "x" then return tempfail end end
function eom(conn, msg)
  msg:add_header("X", "1")
  if conn.sender == "gone" then return discard end
end`)
	m := r.mta()
	const good = "rcpt a -> continue\neom -> continue, ADDHEADER X: 1\n"
	m.dialog("mail a -> continue\n" + good + "mail b -> continue\nrcpt x -> tempfail\n" + good)
	m.dialog("mail no -> reject 550 5.7.1 no\nmail oops -> tempfail\nmail what -> tempfail\nmail long -> tempfail")
	m.dialog("mail gone -> continue\nrcpt a -> continue\neom -> discard\nmail c -> continue\nabort\nmail d -> continue\nquit")
	r.ended()

	c := r.engine.Counts()[""]
	for _, tt := range []struct {
		what string
		got  any
		want string
	}{
		{"connections", c.Connections, "1"},
		{"events of mail", c.Events[protocol.StageMail], "9"},
		{"events of rcpt", c.Events[protocol.StageRcpt], "4"},
		{"events of eom", c.Events[protocol.StageEOM], "3"},
		{"messages: aborted, accepted, rejected, tempfailed, discarded", c.Messages, "[2 2 1 3 1]"},
		{"mail: continue, accept, reject, tempfail, discard, skip", c.Scripts["first"].Hooks[protocol.StageMail].Verdicts, "[5 0 1 3 0 0]"},
		{"mail: error, result, time, instructions, memory, vm", c.Scripts["first"].Hooks[protocol.StageMail].Failures, "[1 1 0 1 0 0]"},
		{"rcpt", c.Scripts["first"].Hooks[protocol.StageRcpt].Verdicts, "[3 0 0 1 0 0]"},
		{"calls of rcpt", calls(c.Scripts["first"], protocol.StageRcpt), "4"},
		{"eom", c.Scripts["first"].Hooks[protocol.StageEOM].Verdicts, "[2 0 0 0 1 0]"},
	} {
		if got := fmt.Sprint(tt.got); got != tt.want {
			t.Errorf("%s: %s; want %s", tt.what, got, tt.want)
		}
	}
	if calls, failures := r.engine.Current().Calls(); calls != 9+4+3 || failures != 3 {
		t.Errorf("the release counts %d calls and %d failures", calls, failures)
	}
	// The endless loop is timed, and no short hook of so few is sure to be.
	times := c.Scripts["first"].Hooks[protocol.StageMail].Times
	slow := uint64(0)
	for i, n := range times {
		if i >= len(HookTimes) || HookTimes[i] > 100_000 {
			slow += n
		}
	}
	if slow == 0 {
		t.Errorf("the long hook was not timed: %v", times)
	}
}

func calls(s *ScriptCounts, stage protocol.Stage) uint64 { return s.Hooks[stage].Calls() }

// Counts go on over reloads, and those of busy connections show while they are busy.
func TestCountsOverReloads(t *testing.T) {
	const script = "function mail() return continue end"
	r := start(t, script)
	m := r.mta()
	for i := range 100 {
		m.dialog("mail a -> continue\nabort")
		if i%10 == 0 {
			p := defaults().load(t, script)
			t.Cleanup(p.Close)
			r.engine.Reload(map[string]*Program{"": p})
			r.mta().dialog("mail b -> continue\nquit")
		}
	}
	if n := r.engine.Counts()[""].Messages[Aborted]; n < tallyMessages {
		t.Errorf("%d messages show while the connection is busy", n)
	}
	m.dialog("quit")
	r.ended()
	c := r.engine.Counts()[""]
	if c.Connections != 11 || c.Messages[Aborted] != 110 || calls(c.Scripts["first"], protocol.StageMail) != 110 {
		t.Errorf("%d connections, %d messages, %d calls", c.Connections, c.Messages[Aborted], calls(c.Scripts["first"], protocol.StageMail))
	}
	if n := len(r.engine.Releases()); n != 1 {
		t.Errorf("%d releases are left", n)
	}
}

// An idle connection has added everything it counted.
func TestCountsWhileIdle(t *testing.T) {
	r := start(t, "function mail() return continue end function rcpt() end")
	m := r.mta()
	m.dialog("mail a -> continue")
	r.parked()
	wait(t, "the counts of an idle connection", func() bool { return r.engine.Counts()[""].Events[protocol.StageMail] == 1 })
	if n := r.engine.Counts()[""].Parked; n != 1 {
		t.Errorf("parked %d times", n)
	}
}

// A line for every message says who decided what, and where.
func TestSummaries(t *testing.T) {
	r := defaults()
	p := r.load(t, `
function mail(conn, sender) if sender == "no" then return reject end end
function rcpt(conn, rcpt) end
function body(conn, chunk) end
function header(conn, name, value) end
function eom(conn, msg)
  if conn.sender == "spam" then
    return reject("5.7.1", "spam")
  elseif conn.sender == "oops" then
    error("oops")
  end
end`)
	g := serving(t, r, p)
	g.engine.Messages = true
	m := g.mta()
	m.dialog("connect mx.example.com inet 192.0.2.1 25\nmail no -> reject")
	m.dialog("mail a\nrcpt b\nrcpt c\nheader Subject: hi\nbody 12345\neom -> continue")
	m.dialog("mail spam\nrcpt b\neom -> reject 550 5.7.1 spam\nmail oops\nrcpt b\neom -> tempfail\nmail gone\nrcpt b\nabort\nquit")
	g.ended()
	var lines []string
	for _, l := range g.log.at("info") {
		if l["message"] == "message" {
			_, timed := l["took_ms"]
			lines = append(lines, strings.Join([]string{text(l["from"]), text(l["verdict"]), text(l["recipients"]), text(l["size"]), text(l["line"]), text(l["reply"]), fmt.Sprint(timed)}, "|"))
		}
		if l["message"] == "refused" {
			t.Errorf("said twice: %v", l)
		}
	}
	equal(t, "messages", lines, list(`
		no|rejected|0|0|2||true
		a|accepted|2|18|||true
		spam|rejected|1|0|8|550 5.7.1 spam|true
		oops|tempfailed|1|0|10||true
		gone|aborted|1|0|||true`))
}
