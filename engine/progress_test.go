package engine

import (
	"testing"
	"time"
)

// A script can tell the MTA to wait.
func TestProgress(t *testing.T) {
	r := start(t, eomOf(`
		for i = 1, 3 do msg:progress() end
		msg:add_header("X", "1")`))
	m := r.mta()
	for range 2 {
		m.dialog("mail <a@example.org>\neom -> continue, ADDHEADER X: 1")
		if m.progress != 3 {
			t.Errorf("told to wait %d times, want 3", m.progress)
		}
	}
}

// While an eom hook runs long, the MTA is told so without the script's doing.
func TestKeepAlive(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         bool
	}{
		{"sleeping", eomOf(`require("time").sleep(0.8)`), true},
		{"computing", "local time = require 'time'\n" + eomOf(`
			for i = 1, 10000 do end
			local past = time.now() + 0.8
			while time.now() < past do end
			for i = 1, 10000 do end`), true},
		{"sleeping and computing in turn", "local time = require 'time'\n" + eomOf(`
			for i = 1, 40 do
				time.sleep(0.02)
				for j = 1, 10000 do end
			end`), true},
		{"a short one", eomOf(``), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := defaults()
			if c.want {
				s.keepAlive = 100 * time.Millisecond
			}
			s.limits.Instructions = 1 << 40
			r := s.start(t, c.script)
			m := r.mta()
			for range 2 {
				m.dialog("mail <a@example.org>\nbody text\neom -> continue")
				if (m.progress > 0) != c.want {
					t.Errorf("told to wait %d times", m.progress)
				}
			}
			noErrors(t, r)
		})
	}
}

// Nowhere else it is told so: Sendmail would drop the filter, and our MTA takes it for no answer.
func TestKeepAliveOnlyAtEOM(t *testing.T) {
	s := defaults()
	s.keepAlive = 20 * time.Millisecond
	s.limits.Instructions = 1 << 40
	r := s.start(t, `
local time = require "time"
function mail() time.sleep(0.2) return continue end
function body() local past = time.now() + 0.2 while time.now() < past do end return continue end
function eom() end`)
	m := r.mta()
	for range 2 {
		m.dialog("mail <a@example.org> -> continue\nbody text -> continue\neom -> continue")
	}
	noErrors(t, r)
}

// When the MTA is gone, a hook that goes on finds out at its next step at the latest.
func TestKeepAliveToNobody(t *testing.T) {
	s := defaults()
	s.keepAlive = 20 * time.Millisecond
	r := s.start(t, "function mail() return continue end\n"+eomOf(`
		log.info("begins")
		require("time").sleep(0.2)
		log.info("ends")`))
	m := r.mta()
	m.dialog("mail <a@example.org> -> continue")
	m.packet('E', "")
	wait(t, "the hook", func() bool { return len(r.said()) == 1 })
	m.dialog("vanish")
	r.ended()
	equal(t, "said", r.said(), []string{"begins", "ends"})
	for _, level := range []string{"error", "broken"} {
		if lines := r.log.at(level); len(lines) > 0 {
			t.Errorf("logged %v", lines)
		}
	}
}
