package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/schedule"
	"luamilter/luaapi/store"
)

// timing has the timers of a rig go by a clock that the test moves.
type timing struct {
	*rig
	clock *luaapi.Clock
}

// timers serves a script whose timers go by the clock of the test, which begins at noon.
func timers(t *testing.T, s setup, script string) *timing {
	t.Helper()
	tm := &timing{s.start(t, script), luaapi.NewClock(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC))}
	tm.engine.timers = schedule.New(tm.clock.Now)
	tm.engine.timers.Set(tm.engine.TimerJobs())
	return tm
}

// pass lets time pass by seconds, and runs what is due.
func (tm *timing) pass(seconds int) {
	tm.t.Helper()
	for range seconds {
		tm.clock.Advance(time.Second)
		tm.engine.timers.RunDue(tm.t.Context())
	}
}

func (tm *timing) status(name string) TimerStatus {
	tm.t.Helper()
	for _, s := range tm.engine.Timers() {
		if s.Name == name {
			return s
		}
	}
	tm.t.Fatalf("there is no timer %s, but %v", name, tm.engine.Timers())
	return TimerStatus{}
}

// What hooks and timers share is in the store; log, metrics and time work.
func TestTimer(t *testing.T) {
	tm := timers(t, defaults(), `
local timer, store, time = require "timer", require "store", require "time"
timer.every("2s", function(turn)
  local n = store.incr("runs")
  metrics.count("rounds")
  time.sleep(0.001)
  log.info("run " .. n .. " of the turn at " .. os.date("!%H:%M:%S", turn))
end, { name = "count" })
function helo(conn) return reject("5.7.1", "there were " .. (store.get("runs") or 0) .. " runs") end`)
	tm.pass(5)
	equal(t, "said", tm.said(), []string{"run 1 of the turn at 12:00:02", "run 2 of the turn at 12:00:04"})
	if hook := tm.log.at("info")[0]["hook"]; hook != "timer count" {
		t.Errorf("the log calls the hook %v", hook)
	}
	m := tm.mta()
	if r := m.do("helo x"); !strings.Contains(r, "there were 2 runs") {
		t.Errorf("a hook says %q", r)
	}
	m.dialog("quit")
	if s := tm.status("count"); s.Ran != 2 || s.Failed != 0 || s.Script != "first" {
		t.Errorf("the status is %+v", s)
	}
	if own := tm.engine.ScriptMetrics(); len(own) != 1 || own[0].Script != "first" {
		t.Errorf("the metrics are %+v", own)
	}
	noErrors(t, tm.rig)
	if n := tm.made.Load(); n > 2 {
		t.Errorf("%d VMs were made", n)
	}
}

// Whatever ends a run, it is logged with its place, and the next turn comes.
func TestTimerErrors(t *testing.T) {
	s := defaults()
	s.limits.Instructions, s.limits.MessageTime = 200_000, 5*time.Second
	for _, c := range []struct{ name, body, want string }{
		{"an error", `error("broken")`, "first.lua:4: broken"},
		{"an endless loop", `while true do end`, "first.lua:4: stopped after 200,000 instructions"},
		{"an endless loop in pcall", `while true do pcall(function() while true do end end) end`, "stopped after 200,000 instructions"},
		{"a string that is too long", `local s = string.rep("x", 1e9)`, "first.lua:4: "},
		{"a verdict", `return reject("5.7.1", "x")`, "first.lua:3: a timer has no message to answer, and returned reject"},
		{"a plain verdict", `return accept`, "a timer has no message to answer, and returned accept"},
		{"another timer", `timer.every("1s", print)`, "timer.every makes a timer at the top of the script, while it is loaded, and not inside a hook"},
		{"conn of a hook", `print(kept.conn.ip)`, "conn of an earlier message or another connection was kept and used in timer first#1"},
		{"msg of a hook", `kept.msg:add_header("X-A", "b")`, "add_header works only in eom, not in timer first#1"},
		{"headers of a hook", `print(kept.headers:get("Subject"))`, "first.lua:4: "},
		{"a rest that is not spent", `time.sleep(-1)`, "first.lua:4: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			tm := timers(t, s, `
local timer, time, kept = require "timer", require "time", {}
timer.every("1s", function()
  if not sound then `+c.body+` end
end)
sound = false
function eom(conn, msg) kept.conn, kept.msg, kept.headers = conn, msg, msg.headers end`)
			tm.play("connect\nmail <a@example.com>\nrcpt <b@example.com>\nheader Subject: x\neoh\neom")
			tm.pass(3)
			if st := tm.status("first#1"); st.Failed != 3 || st.Ran != 0 {
				t.Errorf("of 3 runs %d failed and %d did not", st.Failed, st.Ran)
			}
			lines := tm.log.at("warn")
			if len(lines) == 0 || !strings.Contains(text(lines[0]["message"]), c.want) || lines[0]["hook"] != "timer first#1" {
				t.Fatalf("the log has %v, want %q", lines, c.want)
			}
			if _, has := lines[0]["conn"]; has {
				t.Error("the line has a connection")
			}
			times := int64(0)
			for _, e := range tm.engine.Counts()[""].Scripts["first"].Errors {
				times += e.Times
			}
			if len(lines) > 2 || times != 3 { // what a hook kept is not in the next VM, which is another error
				t.Errorf("the log has %d lines, and the status %d errors", len(lines), times)
			}
		})
	}
}

// What timer.every refuses, when the script is loaded.
func TestTimerMistakes(t *testing.T) {
	for _, c := range []struct{ name, call, want string }{
		{"no time", `timer.every("soon", print)`, `timer.every: interval is "soon"; seconds above 0, or a text such as "90s", "5m", "2h" or "1d", was expected`},
		{"none at all", `timer.every()`, `timer.every: interval is nil`},
		{"a time that is too short", `timer.every(0.5, print)`, "timer.every: the interval is 500ms; from 1s to 30d was expected"},
		{"a time that is too long", `timer.every("31d", print)`, "from 1s to 30d was expected"},
		{"no function", `timer.every("5m")`, "timer.every: fn is nil; a function was expected"},
		{"a call instead of a function", `timer.every("5m", print)(5)`, "call"},
		{"an option that is misspelt", `timer.every("5m", print, { jiter = 1 })`, "timer.every: there is no option jiter, did you mean jitter?"},
		{"a jitter that is too long", `timer.every("5m", print, { jitter = "5m" })`, "jitter is 5m0s; less than the interval, 5m0s, was expected"},
		{"a number as a name", `timer.every("5m", print, { name = 5 })`, "timer.every: name is 5; a string was expected"},
		{"a text as a boolean", `timer.every("5m", print, { at_start = "yes" })`, `timer.every: at_start is "yes"; true or false was expected`},
		{"another on_error", `timer.every("5m", print, { on_error = "pass" })`, `timer.every: on_error is "pass"; "skip" or "run" was expected`},
		{"a name twice", `timer.every("5m", print, { name = "a" }) timer.every("6m", print, { name = "a" })`, "timer.every: the script has two timers named a, the other one at"},
		{"a method", `timer:every("5m", print)`, "timer.every is a function: write timer.every(...), with a dot"},
		{"very many", `for i = 1, 101 do timer.every("5m", print) end`, "timer.every: the script has more than 100 timers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load([]string{writeScript(t, "first", "local timer = require 'timer'\n"+c.call)}, Options{Limits: DefaultLimits})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "first.lua:2") {
				t.Errorf("it says %v, want line 2 and %q", err, c.want)
			}
		})
	}
}

func TestTimerNames(t *testing.T) {
	dir := folder(t, `--- main.lua
local timer = require "timer"
timer.every("5m", print)
require "more"
timer.every("1h30m", print, { name = "lists", jitter = 60, at_start = true, on_error = "run" })
timer.every(90, print)
--- more.lua
require "timer".every("1d", print)`)
	p, err := Load([]string{dir + "/main.lua"}, Options{Limits: DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var got []string
	for _, timer := range p.Scripts[0].Timers {
		got = append(got, fmt.Sprintf("%s %v %v %v %v", timer.Name, timer.Every, timer.Jitter, timer.AtStart, timer.Alone))
	}
	equal(t, "timers", got, []string{"main#1 5m0s 0s false false", "more#1 24h0m0s 0s false false", "lists 1h30m0s 1m0s true true", "main#3 1m30s 0s false false"})
}

const every5s = `require "timer".every("5s", function() log.info("VERSION") end, { name = "a", at_start = true })`

// A reload replaces the function, and the period goes on.
func TestTimerAndReload(t *testing.T) {
	tm := timers(t, defaults(), strings.ReplaceAll(every5s, "VERSION", "old"))
	tm.pass(7) // at the start and at 5 s
	reload := func(script string) {
		tm.engine.Reload(map[string]*Program{"": reloaded(t, tm.program, script)})
		tm.engine.timers.RunDue(t.Context())
	}
	reload(strings.ReplaceAll(every5s, "VERSION", "new"))
	equal(t, "said after the reload", tm.said(), []string{"old", "old"})
	tm.pass(3) // to 10 s
	equal(t, "said at the next turn", tm.said(), []string{"old", "old", "new"})
	if s := tm.status("a"); s.Ran != 3 {
		t.Errorf("the counts are %+v", s.Counts)
	}
	reload(`function helo() end`)
	tm.pass(10)
	equal(t, "said without the timer", tm.said(), []string{"old", "old", "new"})
	if n := len(tm.engine.Timers()); n != 0 {
		t.Errorf("%d timers are shown", n)
	}
}

// reloaded loads the script of a program anew, from the same path with another text.
func reloaded(t *testing.T, p *Program, script string) *Program {
	t.Helper()
	replace(t, p.Scripts[0].Path, script)
	again, err := Load([]string{p.Scripts[0].Path}, Options{Limits: DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	return again
}

// A release on trial has no timers until it is adopted.
func TestTimerAndTrial(t *testing.T) {
	tm := timers(t, defaults(), strings.ReplaceAll(every5s, "VERSION", "old"))
	trial := tm.engine.Try(map[string]*Program{"": reloaded(t, tm.program, strings.ReplaceAll(every5s, "VERSION", "new"))}, 0.5)
	tm.pass(5)
	equal(t, "said on trial", tm.said(), []string{"old", "old"})
	tm.engine.Settle(trial, true)
	tm.pass(5)
	equal(t, "said afterwards", tm.said(), []string{"old", "old", "new"})
}

// A script of several listeners has its timers once.
func TestTimerOfTwoListeners(t *testing.T) {
	path := writeScript(t, "first", strings.ReplaceAll(every5s, "VERSION", "run"))
	programs := map[string]*Program{}
	for _, listener := range []string{"inside", "outside"} {
		p, err := Load([]string{path}, Options{Limits: DefaultLimits})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		programs[listener] = p
	}
	var lines logLines
	e := New(programs, testLog(&lines))
	defer func() {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	e.timers.RunDue(t.Context())
	if n := len(lines.at("info")); n != 1 {
		t.Errorf("it ran %d times at the start:\n%s", n, lines.String())
	}
	if all := e.Timers(); len(all) != 1 || all[0].Listener != "inside" || all[0].Ran != 1 {
		t.Errorf("the status is %+v", all)
	}
}

// A shutdown begins no timers and waits for those that run; when its time is over, it stops them.
func TestTimerAndShutdown(t *testing.T) {
	for _, c := range []struct {
		name, body string
		patience   time.Duration
		said       string
	}{
		{"one that ends in time", `time.sleep(0.2) log.info("done")`, time.Minute, "done"},
		{"one that sleeps too long", `pcall(time.sleep, 100) log.info("done")`, 100 * time.Millisecond, "the timer was stopped: the daemon stops"},
		{"one that computes for too long", `pcall(function() while true do end end) log.info("done")`, 100 * time.Millisecond, "the timer was stopped: the daemon stops"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := defaults()
			s.limits.Instructions = 1e12
			p := s.load(t, `local timer, time = require "timer", require "time"
timer.every("1d", function() log.info("begun") `+c.body+` end, { at_start = true })`)
			t.Cleanup(p.Close)
			r := &rig{t: t, program: p}
			r.engine = New(map[string]*Program{"": p}, testLog(&r.log))
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				r.engine.RunTimers(context.Background())
			}()
			wait(t, "the timer to begin", func() bool { return len(r.said()) > 0 })
			ctx, cancel := context.WithTimeout(t.Context(), c.patience)
			defer cancel()
			if err := r.engine.Shutdown(ctx); err != nil {
				t.Error(err)
			}
			<-ended
			if said := strings.Join(r.said()[1:], " "); said != c.said {
				t.Errorf("it said %q, want %q", said, c.said)
			}
			if warnings := r.log.at("warn"); len(warnings) > 0 {
				t.Errorf("it warns: %v", warnings)
			}
			for _, j := range r.engine.TimerJobs() {
				if err := j.Do(time.Now()); err != schedule.ErrNotNow {
					t.Errorf("after the end a timer says %v", err)
				}
			}
		})
	}
}

// Without memory no timer runs.
func TestTimerWithoutMemory(t *testing.T) {
	s := defaults()
	s.memory = NewMemory(1 << 30)
	tm := timers(t, s, strings.ReplaceAll(every5s, "VERSION", "run"))
	s.memory.level.Store(memoryNone)
	tm.pass(6)
	s.memory.level.Store(memoryFine)
	tm.pass(5)
	equal(t, "said", tm.said(), []string{"run"})
	if c := tm.status("a").Counts; c.Skipped != 2 || c.Ran != 1 {
		t.Errorf("the counts are %+v", c)
	}
}

// The schedule of an engine is by the store of the scripts.
func TestTimerJobs(t *testing.T) {
	s := defaults()
	s.services = luaapi.PlayedServices(time.Now)
	r := s.start(t, `require "timer".every("5m", print)`)
	jobs := r.engine.TimerJobs()
	if len(jobs) != 1 || jobs[0].Of != r.program.Scripts[0].Path || jobs[0].Turns != (store.Space{Store: s.services.Store, Name: "first"}) {
		t.Errorf("the jobs are %+v", jobs)
	}
}
