package engine

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// folding is a log of failures with a clock of its own, and what was written.
type folding struct {
	*failures
	clock clock
	lines logLines
}

func newFolding(t *testing.T) *folding {
	f := &folding{clock: clock{now: time.Unix(1e9, 0)}}
	f.failures = newFailures(testLog(&f.lines))
	f.failures.now = f.clock.Now
	t.Cleanup(f.close)
	return f
}

// fail is an error in a.lua, of which the text says the line: "12 boom".
func (f *folding) fail(text string, from sender) {
	e := &ScriptError{Path: "a.lua", Script: "a.lua", Hook: "rcpt"}
	fmt.Sscan(text, &e.Line)
	_, e.Text, _ = strings.Cut(text, " ")
	log := testLog(&f.lines)
	f.add(e, &log, from)
}

func (f *folding) messages() []string {
	var out []string
	for _, l := range f.lines.lines() {
		out = append(out, fmt.Sprint(l["message"]))
	}
	return out
}

// failures counts the warnings in a log, and those that are only counted in it.
func (l *logLines) failures() int {
	n := 0
	for _, line := range l.at("warn") {
		if times, ok := line["times"].(float64); ok {
			n += int(times) - 1 // the first has a line
		} else {
			n++
		}
	}
	return n
}

// The same error again is counted, for a minute.
func TestFold(t *testing.T) {
	for _, c := range []struct {
		name, events string // errors, and times that pass; "timer" is the end of the first window
		want         string
	}{
		{"once", "1 boom; 59s; close", "a.lua:1: boom"},
		{"once, and nothing more to say", "1 boom; 60s; timer; close", "a.lua:1: boom"},
		{"again within the window", "1 boom; 10s; 1 boom; 10s; 1 boom", "a.lua:1: boom"},
		{"the next one after the window", "1 boom; 10s; 1 boom; 50s; 1 boom; close", "a.lua:1: boom\na.lua:1: failed 2 times in 60 s: boom\na.lua:1: boom"},
		{"another one after the window", "1 boom; 1 boom; 90s; 2 bang", "a.lua:1: boom\na.lua:1: failed 2 times in 60 s: boom\na.lua:2: bang"},
		{"the timer after the window", "1 boom; 1 boom; 60s; timer", "a.lua:1: boom\na.lua:1: failed 2 times in 60 s: boom"},
		{"the timer before the window's end", "1 boom; 1 boom; 59s; timer", "a.lua:1: boom"},
		{"the end of the daemon", "1 boom; 1 boom; 12s; 1 boom; close", "a.lua:1: boom\na.lua:1: failed 3 times in 12 s: boom"},
		{"another program", "1 boom; 1 boom; 5s; flush; 1 boom", "a.lua:1: boom\na.lua:1: failed 2 times in 5 s: boom\na.lua:1: boom"},
		{"after the end of the daemon", "close; 1 boom; 1 boom", "a.lua:1: boom\na.lua:1: boom"},
		{"another text", "1 boom; 1 bang; 1 boom; close", "a.lua:1: boom\na.lua:1: bang\na.lua:1: failed 2 times in 1 s: boom"},
		{"another line", "1 boom; 2 boom; 1 boom", "a.lua:1: boom\na.lua:2: boom"},
		{"windows of their own", "1 boom; 30s; 2 boom; 1 boom; 2 boom; 30s; timer; 30s; timer", `a.lua:1: boom
a.lua:2: boom
a.lua:1: failed 2 times in 60 s: boom
a.lua:2: failed 2 times in 60 s: boom`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFolding(t)
			for event := range strings.SplitSeq(c.events, "; ") {
				switch d, err := time.ParseDuration(event); {
				case err == nil:
					f.clock.pass(d)
				case event == "timer":
					f.due()
				case event == "flush":
					f.flush()
				case event == "close":
					f.close()
				default:
					f.fail(event, sender{})
				}
			}
			equal(t, "log", f.messages(), strings.Split(c.want, "\n"))
		})
	}
}

// The line about repetitions tells of the last one.
func TestFoldedLine(t *testing.T) {
	f := newFolding(t)
	for i := range 3120 {
		f.fail("12 boom", sender{fmt.Sprint("c", i), fmt.Sprint("192.0.2.", i%256), fmt.Sprint("Q", i)})
	}
	f.clock.pass(time.Minute)
	f.due()
	lines := f.lines.lines()
	if len(lines) != 2 {
		t.Fatalf("%d lines:\n%s", len(lines), f.lines.String())
	}
	for key, want := range map[string]any{
		"level": "warn", "message": "a.lua:12: failed 3,120 times in 60 s: boom", "script": "a.lua", "line": 12.0, "hook": "rcpt", "times": 3120.0,
		"conn": "c3119", "client": "192.0.2.47", "queue_id": "Q3119",
	} {
		if lines[1][key] != want {
			t.Errorf("%s is %v, want %v", key, lines[1][key], want)
		}
	}
}

// Errors that are all different take no memory without end.
func TestFoldIsBounded(t *testing.T) {
	f := newFolding(t)
	for i := range 5 * maxFolded {
		f.fail(fmt.Sprint("1 boom ", i), sender{})
	}
	if len(f.seen) > maxFolded+1 || len(f.open) != len(f.seen) {
		t.Errorf("%d errors are kept, %d windows", len(f.seen), len(f.open))
	}
	if n := len(f.messages()); n != maxFolded+1 {
		t.Errorf("%d lines, want %d", n, maxFolded+1)
	}
	f.clock.pass(time.Minute)
	f.due()
	messages := f.messages()
	if last := messages[len(messages)-1]; last != "a.lua: failed 4,000 times in 60 s, in more than 1000 different ways; the rest of them together" {
		t.Errorf("at last: %s", last)
	}
	if len(f.seen) != 0 || len(f.open) != 0 {
		t.Errorf("%d errors are kept after the window", len(f.seen))
	}
}

// Every error is in the log once: as a line, or in a count.
func TestFoldOfManyAtOnce(t *testing.T) {
	f := newFolding(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				f.fail(fmt.Sprint(i%7, " boom"), sender{})
				if i%50 == 0 {
					f.clock.pass(10 * time.Second)
					f.due()
				}
			}
		})
	}
	all.Wait()
	f.close()
	if n := f.lines.failures(); n != 4000 {
		t.Errorf("%d errors are in the log, of 4000", n)
	}
}

// Sessions fold together, and the end of the daemon tells.
func TestFoldInAnEngine(t *testing.T) {
	r := start(t, `
function rcpt(conn, r) if r ~= "good" then error(r) end return continue end`)
	for range 3 {
		r.mta().dialog("mail <a@example.org>\nrcpt <bad> -> tempfail\nrcpt <bad> -> tempfail\nrcpt <worse> -> tempfail\nquit")
	}
	r.ended()
	path := r.program.Scripts[0].Path
	var got []string
	for _, l := range r.log.at("warn") {
		got = append(got, fmt.Sprint(l["message"]))
	}
	equal(t, "log", got, []string{path + ":2: bad", path + ":2: worse"})
	r.engine.failures.flush()
	lines := r.log.at("warn")
	if len(lines) != 4 || lines[2]["times"] != 6.0 || lines[3]["times"] != 3.0 || lines[2]["client"] != nil {
		t.Errorf("logged %v", lines)
	}
	r.engine.Reload(map[string]*Program{"": r.program})
	r.mta().dialog("mail <a@example.org>\nrcpt <bad> -> tempfail\nquit")
	r.ended()
	if lines := r.log.at("warn"); len(lines) != 5 || lines[4]["excerpt"] == nil {
		t.Errorf("logged %v", lines)
	}
}

// A window ends by itself.
func TestFoldTimer(t *testing.T) {
	f := newFolding(t)
	f.fail("1 boom", sender{})
	f.fail("1 boom", sender{})
	f.mu.Lock()
	f.timer.Reset(time.Millisecond)
	f.mu.Unlock()
	f.clock.pass(time.Minute)
	wait(t, "the window to end", func() bool { return len(f.lines.lines()) == 2 })
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer != nil {
		t.Error("the timer runs for nothing")
	}
}

// BenchmarkRepeatedFailure is what an error costs beside the hook that raises it, when it is the same again.
func BenchmarkRepeatedFailure(b *testing.B) {
	f := newFailures(testLog(&logLines{}))
	defer f.close()
	log := testLog(&logLines{})
	p, err := Load([]string{writeScript(b, "s", "function mail() end")}, Options{Limits: DefaultLimits})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	s := p.Scripts[0]
	for b.Loop() {
		f.add(s.failure("mail", fmt.Errorf("%s:1: boom", s.Path)), &log, sender{"c", "192.0.2.1", "Q"})
	}
}
