package engine

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"luamilter/luaapi/metric"
)

// Release is a set of programs that come into use together: one for each listener. New connections get that of the latest release; those
// that are open keep theirs.
type Release struct {
	Number int // from 1, in the order in which they came
	Loaded time.Time

	programs map[string]*Program
	metrics  map[string]map[*Script]*metric.Version // by listener
	sessions atomic.Int64
	calls    atomic.Int64 // of hooks, so far
	failures atomic.Int64 // of these
}

// Program returns the program of a listener, nil if it has none.
func (r *Release) Program(listener string) *Program { return r.programs[listener] }

// Listeners returns the names of the listeners, sorted.
func (r *Release) Listeners() []string { return slices.Sorted(maps.Keys(r.programs)) }

// Sessions returns how many connections use the release.
func (r *Release) Sessions() int { return int(r.sessions.Load()) }

// Calls returns how many hooks were called so far, and how many of these failed.
func (r *Release) Calls() (calls, failures int64) { return r.calls.Load(), r.failures.Load() }

// add notes what a session counted.
func (r *Release) add(t *tally) {
	calls, failures := uint64(0), uint64(0)
	for i := range t.scripts {
		for stage := range t.touched {
			if !t.touched[stage] {
				continue
			}
			h := &t.scripts[i].Hooks[stage]
			calls += h.Calls()
			for _, n := range h.Failures {
				failures += n
			}
		}
	}
	r.calls.Add(int64(calls))
	r.failures.Add(int64(failures))
}

// close lets the VMs go that nobody uses, and the others when they come back.
func (r *Release) close() {
	for _, p := range r.programs {
		p.Close()
	}
}

// trial is a release that only some of the new connections get.
type trial struct {
	release *Release
	share   float64 // of the connections, up to 1
	came    atomic.Uint64
}

// takes reports whether the next connection is one that gets the release: evenly spread, the first one included.
func (t *trial) takes() bool {
	n := t.came.Add(1)
	return int64(float64(n-1)*t.share) != int64(float64(n)*t.share) || n == 1
}

// release makes programs a release.
func (e *Engine) newRelease(programs map[string]*Program) *Release {
	r := &Release{Number: int(e.numbers.Add(1)), Loaded: time.Now(), programs: programs, metrics: map[string]map[*Script]*metric.Version{}}
	for name, p := range programs {
		e.counts.know(name, p)
		r.metrics[name] = map[*Script]*metric.Version{}
		for _, s := range p.Scripts {
			r.metrics[name][s] = e.metrics.Set(name, s.Name).Version()
		}
	}
	return r
}

// Reload has new connections use other programs, by listener. A trial that is under way is over.
func (e *Engine) Reload(programs map[string]*Program) *Release {
	r := e.newRelease(programs)
	e.swap.Lock()
	defer e.swap.Unlock()
	e.endTrial()
	e.use(r)
	return r
}

// Try has a share of the new connections use other programs, until Settle. A trial that is under way is over.
func (e *Engine) Try(programs map[string]*Program, share float64) *Release {
	r := e.newRelease(programs)
	e.swap.Lock()
	defer e.swap.Unlock()
	e.endTrial()
	e.remember(r)
	e.trial.Store(&trial{release: r, share: share})
	return r
}

// Settle ends the trial of a release: all new connections use it, or none. It reports false if it is not on trial any more.
func (e *Engine) Settle(r *Release, adopt bool) bool {
	e.swap.Lock()
	defer e.swap.Unlock()
	t := e.trial.Load()
	if t == nil || t.release != r {
		return false
	}
	if !adopt {
		e.endTrial()
		return true
	}
	e.trial.Store(nil)
	e.use(r)
	return true
}

// use makes a release the current one.
func (e *Engine) use(r *Release) {
	before := e.current.Swap(r)
	e.remember(r)
	e.timers.Set(e.timerJobs(r))
	if before != nil {
		before.close()
	}
	e.failures.flush() // what fails from now on is news
}

// endTrial ends a trial, if there is one.
func (e *Engine) endTrial() {
	if t := e.trial.Swap(nil); t != nil {
		t.release.close()
	}
}

// remember keeps a release in the list of those that have sessions.
func (e *Engine) remember(r *Release) {
	if !slices.Contains(e.releases, r) {
		e.releases = append(e.releases, r)
	}
}

// Releases returns the current release, the one on trial if there is one, and those that still have sessions, the oldest first.
func (e *Engine) Releases() []*Release {
	e.swap.Lock()
	defer e.swap.Unlock()
	e.releases = slices.DeleteFunc(e.releases, func(r *Release) bool {
		return r != e.current.Load() && !e.onTrial(r) && r.Sessions() == 0
	})
	return slices.Clone(e.releases)
}

// Current returns the release that new connections get.
func (e *Engine) Current() *Release { return e.current.Load() }

func (e *Engine) onTrial(r *Release) bool {
	t := e.trial.Load()
	return t != nil && t.release == r
}

// Trial returns the release on trial, nil if there is none.
func (e *Engine) Trial() *Release {
	if t := e.trial.Load(); t != nil {
		return t.release
	}
	return nil
}

// pick returns the release for a new connection, and counts it as a session of it.
func (e *Engine) pick(listener string) *Release {
	r := e.current.Load()
	if t := e.trial.Load(); t != nil && t.release.programs[listener] != nil && t.takes() {
		r = t.release
	}
	r.sessions.Add(1)
	return r
}
