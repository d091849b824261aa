package luatest

import (
	"context"
	"errors"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/engine"
)

// maxTurns is how many turns of timers one advance can pass.
const maxTurns = 10_000

// addTimers has the timers of a session's scripts run by the clock of the test, and runs those that are to run at the start. A script that several
// sessions have has its timers once, in the first of these.
func (f *file) addTimers(s *session) {
	for _, j := range s.filter.Engine().TimerJobs() {
		do := j.Do
		j.Do = func(turn time.Time) error {
			err := do(turn)
			var script *engine.ScriptError
			if errors.As(err, &script) {
				s.errs = append(s.errs, script.Explain())
			}
			return err
		}
		f.jobs = append(f.jobs, j)
	}
	f.timers.Set(f.jobs)
	f.timers.RunDue(context.Background())
}

// moveTo moves the clock to a time, unless a script's time.sleep has moved it further.
func (f *file) moveTo(at time.Time) {
	if at.After(f.clock.Now()) {
		f.clock.Set(at)
	}
}

// advance is advance(time).
func (f *file) advance(L *lua.LState) int {
	f.inTest(L, "advance")
	until := f.clock.Now().Add(durationArg(L, "advance", 1, "time"))
	for range maxTurns {
		next, is := f.timers.Next()
		if !is || next.After(until) {
			f.moveTo(until)
			return 0
		}
		f.moveTo(next)
		f.timers.RunDue(context.Background())
	}
	L.RaiseError("advance: there are more than %d turns of timers in that time; advance by less at a time", maxTurns)
	return 0
}
