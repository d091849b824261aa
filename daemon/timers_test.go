package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 3000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited too long for: %s", what)
}

// timersOf returns the timers of a script, by name.
func (m *monitored) timersOf(script string) map[string]TimerStatus {
	all := map[string]TimerStatus{}
	for _, l := range m.Status().Listeners {
		for _, s := range l.Scripts {
			for _, timer := range s.Timers {
				if s.Name == script {
					all[timer.Name] = timer
				}
			}
		}
	}
	return all
}

// A daemon runs the timers of its scripts, shows and counts them, and a reload does not run them again.
func TestTimers(t *testing.T) {
	m := monitor(t, map[string]string{"first.lua": `
local timer = require "timer"
timer.every("1d", function() metrics.count("started") end, { name = "start", at_start = true })
timer.every("1s", function() error("broken") end, { name = "bad" })
timer.every("1h30m", function() end)
function mail(conn) return accept end`})
	waitFor(t, "two timers to run", func() bool {
		all := m.timersOf("first")
		return all["start"].Runs == 1 && all["bad"].Failed >= 2
	})
	all := m.timersOf("first")
	if s := all["first#3"]; len(all) != 3 || s.Interval != 5400 || s.Runs != 0 || !s.Next.After(time.Now()) {
		t.Errorf("the timers are %+v", all)
	}
	path := filepath.Join(filepath.Dir(m.socket), "first.lua")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := strings.Replace(string(text), `{ name = "bad" }`, `{ name = "other", at_start = true }`, 1)
	if err := os.WriteFile(path, []byte(again), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Reload("command"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the new timer to run", func() bool { return m.timersOf("first")["other"].Failed >= 1 })
	after := m.timersOf("first")
	if _, has := after["bad"]; has || after["start"].Runs != 1 || !after["start"].Next.Equal(all["start"].Next) {
		t.Errorf("after the reload they are %+v, before %+v", after, all)
	}
	page := m.page()
	for _, want := range []string{
		`luamilter_timer_turns_total{listener="default",result="ok",script="first",timer="start"} 1`,
		`luamilter_timer_last_seconds{listener="default",script="first",timer="first#3"} 0`,
		`luamilter_script_started_total{listener="default",script="first"} 1`,
	} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("the page does not have %s", want)
		}
	}
	lintPage(t, page)
}
