package engine

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi/schedule"
	"luamilter/luaapi/store"
)

// newSchedule makes the schedule of an engine, which goes by the clock of the system.
func newSchedule(log zerolog.Logger) *schedule.Schedule {
	s := schedule.New(time.Now)
	s.Who = fmt.Sprintf("process %d", os.Getpid())
	if host, err := os.Hostname(); err == nil {
		s.Who += " on " + host
	}
	s.Failing = func(err error) {
		log.Error().Err(err).Msg("the store does not tell which daemon runs a timer; until it does, only timers with on_error = \"run\" run")
	}
	s.Working = func(missed uint64) {
		log.Info().Uint64("missed", missed).Msg("the store tells again which daemon runs a timer")
	}
	return s
}

// RunTimers runs the timers of the current release, until ctx is done or the engine drains. It returns when none runs any more.
func (e *Engine) RunTimers(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-e.draining:
			cancel()
		case <-ctx.Done():
		}
	}()
	e.timers.Run(ctx)
}

// ContinueTimers is called before RunTimers by a process that takes over from another: what is to run at the start has run there.
func (e *Engine) ContinueTimers() { e.timers.Continue() }

// TimerStatus is how it stands with a timer.
type TimerStatus struct {
	Listener, Script string // names; of several listeners with the script that whose program runs it
	schedule.Status
}

// Timers returns how it stands with the timers of the current release, by listener, script, and as the script makes them.
func (e *Engine) Timers() (all []TimerStatus) {
	type key struct{ path, name string }
	known := map[key]schedule.Status{}
	for _, s := range e.timers.Status() {
		known[key{s.Of, s.Name}] = s
	}
	r := e.Current()
	for _, listener := range r.Listeners() {
		for _, script := range r.programs[listener].Scripts {
			for _, t := range script.Timers {
				k := key{script.Path, t.Name}
				if s, ok := known[k]; ok {
					all = append(all, TimerStatus{listener, script.Name, s})
					delete(known, k)
				}
			}
		}
	}
	return all
}

// TimerJobs returns the timers of the current release for who has a schedule of his own, with another clock. The error of one that fails is a
// *ScriptError.
func (e *Engine) TimerJobs() []schedule.Job { return e.timerJobs(e.Current()) }

// timerJobs returns the timers of a release, in the order of the listeners' names.
func (e *Engine) timerJobs(r *Release) (all []schedule.Job) {
	for _, listener := range r.Listeners() {
		p := r.programs[listener]
		w := work{engine: e, listener: listener, release: r, program: p}
		for _, script := range p.Scripts {
			for _, t := range script.Timers {
				all = append(all, schedule.Job{
					Timer: t, Of: script.Path, Turns: store.Space{Store: p.services.Store, Name: script.Name},
					Do: func(turn time.Time) error { return w.newTimerRun(script, t.Name, turn).run() },
				})
			}
		}
	}
	return all
}
