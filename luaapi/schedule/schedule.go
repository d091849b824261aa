package schedule

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Schedule has jobs, and runs them when their turns come.
type Schedule struct {
	Who     string              // this daemon, for people who look at the keys of turns; the fields are set before the first use
	Failing func(err error)     // called when the store begins not to tell whose a turn is; may be nil
	Working func(missed uint64) // called when it tells again, after so many turns of which it did not; may be nil

	now     func() time.Time
	changed chan struct{}  // has something when Run must look again
	running sync.WaitGroup // runs that Run has begun

	mu      sync.Mutex // guards what follows
	entries map[key]*entry
	failing bool
	missed  uint64 // turns of which the store did not tell, since it began to fail
}

// entry is a job with its state.
type entry struct {
	job  Job
	due  time.Time // when it is run next: its turn, and what the jitter adds
	turn time.Time // the one that it was run for last
	busy bool      // it runs
	gone bool      // it is to be forgotten when it has run
	Counts
}

// Counts are what came of the turns of a job.
type Counts struct {
	Ran       uint64        // without an error
	Failed    uint64        // with one
	Elsewhere uint64        // run by another daemon
	Skipped   uint64        // left out: the store did not tell whose they are, or the job said ErrNotNow
	Took      time.Duration // the last run; 0 if there was none
}

// Status is how it stands with a job.
type Status struct {
	Job
	Due     time.Time // when it is run next; while it runs, when it was begun
	Running bool
	Counts
}

// New returns a schedule without jobs, which goes by a clock.
func New(now func() time.Time) *Schedule {
	return &Schedule{now: now, changed: make(chan struct{}, 1), entries: map[key]*entry{}}
}

// Set replaces the jobs. One that is there already keeps its turn and its counts. Of two with one name and owner the first counts.
func (s *Schedule) Set(jobs []Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, now := s.entries, s.now()
	s.entries = map[key]*entry{}
	for _, j := range jobs {
		k := j.key()
		if s.entries[k] == nil {
			s.entries[k] = before[k].become(j, now)
		}
	}
	for k, e := range before {
		if s.entries[k] == nil && e.busy { // should it come back while it still runs, it must not be begun again
			e.gone = true
			s.entries[k] = e
		}
	}
	s.lookAgain()
}

// become returns the entry of a job that follows another one; nil for none.
func (e *entry) become(j Job, now time.Time) *entry {
	if e == nil {
		e = &entry{job: j, due: now}
		if !j.AtStart {
			e.plan(now)
		}
		return e
	}
	changed := e.job.Every != j.Every || e.job.Jitter != j.Jitter
	e.job, e.gone = j, false
	if changed && !e.busy {
		e.plan(now)
	}
	return e
}

// plan sets when the job is run next: at the first turn after now, which is none that it was run for.
func (e *entry) plan(now time.Time) {
	turn := e.job.turnOf(now).Add(e.job.Every)
	if turn.Equal(e.turn) {
		turn = turn.Add(e.job.Every)
	}
	e.due = turn
	if e.job.Jitter > 0 {
		e.due = turn.Add(rand.N(e.job.Jitter))
	}
}

// Continue has jobs wait for their next turn that would be run at once, because a predecessor of this process goes before.
func (s *Schedule) Continue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for _, e := range s.entries {
		if !e.busy && !e.due.After(now) {
			e.plan(now)
		}
	}
	s.lookAgain()
}

// lookAgain has Run look what is due.
func (s *Schedule) lookAgain() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Next returns when something is due next, and whether there is anything.
func (s *Schedule) Next() (at time.Time, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if !e.busy && (!is || e.due.Before(at)) {
			at, is = e.due, true
		}
	}
	return at, is
}

// Status returns how it stands with all jobs, in the order of their owners and names.
func (s *Schedule) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Status
	for _, e := range s.entries {
		if !e.gone {
			all = append(all, Status{e.job, e.due, e.busy, e.Counts})
		}
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Or(strings.Compare(a.Of, b.Of), strings.Compare(a.Name, b.Name)) })
	return all
}
