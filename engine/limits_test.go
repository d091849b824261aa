package engine

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// tight is a budget that tests can exhaust quickly.
func tight() setup {
	s := defaults()
	s.limits.Instructions = 50_000
	s.limits.CommandTime = 10 * time.Second
	return s
}

// A hook that runs on and on is stopped, wherever it hides.
func TestInstructions(t *testing.T) {
	for _, c := range []struct{ name, body string }{
		{"a loop", `while true do end`},
		{"a loop that returns at its end", `repeat local x = 1 until false return reject`},
		{"goto", `::again:: goto again`},
		{"a loop of calls", `local function f() end while true do f() end`},
		{"in pcall", `pcall(function() while true do end end)`},
		{"pcall in a loop", `while true do pcall(function() while true do end end) end`},
		{"errors in a loop", `while true do pcall(error, "x") end`},
		{"in xpcall, whose handler loops too", `xpcall(function() while true do end end, function() while true do end end)`},
		{"in a wrapped coroutine", `coroutine.wrap(function() while true do end end)()`},
		{"in a coroutine", `coroutine.resume(coroutine.create(function() while true do end end))`},
		{"one coroutine after another", `while true do coroutine.wrap(function() for i = 1, 1000 do end end)() end`},
		{"a coroutine in a coroutine", `coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)()`},
		{"a coroutine that yields for ever", `local f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end`},
		{"pcall in a coroutine in pcall", `pcall(coroutine.wrap(function() while true do pcall(function() while true do end end) end end))`},
		{"a comparison for table.sort", `table.sort({ 3, 2, 1 }, function() while true do end end)`},
		{"a replacement for gsub", `("abc"):gsub(".", function() while true do end end)`},
		{"a metamethod", `local t = setmetatable({}, { __index = function() while true do end end }) return t.x`},
		{"an iterator", `for _ in function() return 1 end do end`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := tight().start(t, "function rcpt(conn, r)\n  if r == 'bad' then\n"+c.body+"\n  end\n  return continue\nend")
			r.mta().dialog(`
				mail <a@example.org>
				rcpt <bad> -> tempfail
				rcpt <good> -> continue
				eom -> continue`)
			line := oneFailure(t, r, "stopped after 50,000 instructions")
			if n, _ := line["line"].(float64); n < 3 || n > 5 { // below a pcall it is where the pcall returned to
				t.Errorf("logged at line %v, want 3: %v", line["line"], line["message"])
			}
		})
	}
}

// A coroutine made in one hook and resumed in another is on the budget of the second.
func TestInstructionsOfAKeptCoroutine(t *testing.T) {
	r := tight().start(t, `
function mail(conn)
  conn.worker = coroutine.wrap(function() coroutine.yield() while true do end end)
  conn.worker()
end
function rcpt(conn) conn.worker() return continue end`)
	r.mta().dialog("mail <a@example.org>\nrcpt <b@example.com> -> tempfail")
	oneFailure(t, r, "stopped after 50,000 instructions")
}

// Each call has a budget of its own.
func TestEachHookHasItsBudget(t *testing.T) {
	r := tight().start(t, `
function rcpt(conn)
  for i = 1, 20000 do end
  return continue
end`)
	m := r.mta()
	m.dialog("mail <a@example.org>")
	for range 20 {
		m.dialog("rcpt <b@example.com> -> continue")
	}
	m.dialog("eom -> continue\nquit")
	noErrors(t, r)
}

// The file level has one too: a script that never ends loading does not load.
func TestInstructionsWhileLoading(t *testing.T) {
	path := writeScript(t, "endless", "local n = 0\nwhile true do n = n + 1 end")
	_, err := Load([]string{path}, Options{Limits: tight().limits})
	if err == nil || !strings.HasSuffix(err.Error(), "endless.lua:2: stopped after 50,000 instructions") {
		t.Errorf("%v", err)
	}
}

// Waiting is bounded by wall time, and costs no instructions.
func TestWallTime(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"a long sleep", `time.sleep(600)`, "stopped after 150ms: time is up"},
		{"many short ones", `while true do time.sleep(0.01) end`, "stopped after 150ms: time is up"},
		{"in pcall", `while true do pcall(time.sleep, 600) end`, "stopped after 150ms: time is up"},
		{"in a coroutine", `coroutine.wrap(function() time.sleep(600) end)()`, "stopped after 150ms: time is up"},
		{"computing, with instructions left", `while true do end`, "stopped after 150ms: time is up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := defaults()
			s.limits.CommandTime = 150 * time.Millisecond
			s.limits.Instructions = 1 << 40
			r := s.start(t, "local time = require 'time'\nfunction rcpt(conn, r)\n  if r == 'bad' then\n"+c.body+"\n  end\n  return continue\nend")
			m := r.mta()
			m.dialog("mail <a@example.org>")
			begin := time.Now()
			m.dialog("rcpt <bad> -> tempfail")
			if d := time.Since(begin); d < 100*time.Millisecond {
				t.Errorf("stopped after %v", d)
			}
			m.dialog("rcpt <good> -> continue\neom -> continue")
			line := oneFailure(t, r, c.want)
			if line["line"] != 4.0 {
				t.Errorf("logged at line %v, want 4: %v", line["line"], line["message"])
			}
		})
	}
}

// The end of a message has more time than commands have.
func TestWallTimeOfEOM(t *testing.T) {
	t.Parallel()
	s := defaults()
	s.limits.CommandTime, s.limits.MessageTime = 20*time.Millisecond, 2*time.Second
	r := s.start(t, `
local time = require "time"
function eom(conn, msg)
  time.sleep(conn.sender == "long@example.org" and 600 or 0.1)
  msg:add_header("X", "1")
end`)
	r.mta().dialog(`
		mail <short@example.org>
		eom -> continue, ADDHEADER X: 1
		mail <long@example.org>
		eom -> tempfail`)
	oneFailure(t, r, "stopped after 2s: time is up")
}

// Sleep takes as long as it says.
func TestSleep(t *testing.T) {
	r := start(t, `
local time = require "time"
function mail(conn, sender)
  local before = time.now()
  time.sleep(0.2)
  log.info(tostring(time.now() - before >= 0.2))
  return continue
end`)
	r.mta().dialog("mail one -> continue")
	equal(t, "said", r.said(), []string{"true"})
}

// Nobody else waits for those that sleep, be they more than there are processors.
func TestSleepIsNobodyElses(t *testing.T) {
	s := defaults()
	s.limits.CommandTime = time.Hour
	r := s.start(t, `
local time = require "time"
function mail(conn, sender)
  log.info(sender .. " begins")
  if sender == "slow" then time.sleep(600) end
  log.info(sender .. " ends")
  return continue
end`)
	sleepers := 3 * runtime.GOMAXPROCS(0)
	slow := make(chan string, sleepers)
	for n := range sleepers {
		m := r.mta()
		go func() { slow <- m.do("mail slow") }()
		wait(t, "the slow one", func() bool { return len(r.said()) == n+1 })
	}
	r.mta().dialog("mail fast -> continue\nquit")
	equal(t, "said", r.said()[sleepers:], []string{"fast begins", "fast ends"})
	_ = r.shutdown(time.Millisecond) // which ends the sleeps
	for range sleepers {
		<-slow
	}
}
