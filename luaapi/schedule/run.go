package schedule

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// longestSleep is after how long Run looks at the clock again, which may have been set.
const longestSleep = time.Minute

// ErrNotNow is the error of a job that has not begun, because there is no room for it or the daemon stops. Its turn counts as skipped.
var ErrNotNow = errors.New("not now")

// Run runs what is due until ctx is done, and returns when all runs have ended. Without jobs it only waits for Set.
func (s *Schedule) Run(ctx context.Context) {
	defer s.running.Wait()
	for ctx.Err() == nil {
		for _, e := range s.takeDue() {
			s.running.Go(func() {
				s.run(ctx, e)
				s.lookAgain()
			})
		}
		next, is := s.Next()
		s.sleep(ctx, next, is)
	}
}

// sleep waits until a time, if there is one, but no longer than until something changes.
func (s *Schedule) sleep(ctx context.Context, until time.Time, is bool) {
	var alarm <-chan time.Time
	if is {
		t := time.NewTimer(min(until.Sub(s.now()), longestSleep))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-alarm:
	case <-s.changed:
	case <-ctx.Done():
	}
}

// RunDue runs what is due, one job after the other: for who has a clock that stands still.
func (s *Schedule) RunDue(ctx context.Context) {
	for _, e := range s.takeDue() {
		s.run(ctx, e)
	}
}

// takeDue returns what is due, in the order of its time, and marks it as busy.
func (s *Schedule) takeDue() []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var due []*entry
	for _, e := range s.entries {
		switch {
		case e.busy:
		case e.due.Sub(now) > e.job.Every+e.job.Jitter: // the clock was set back
			e.plan(now)
		case !e.due.After(now):
			e.busy, e.turn = true, e.job.turnOf(now) // should there be others since it was due, they are lost
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b *entry) int { return cmp.Or(a.due.Compare(b.due), strings.Compare(a.job.Name, b.job.Name)) })
	return due
}

// run runs the turn of a job that takeDue took, and plans the next one.
func (s *Schedule) run(ctx context.Context, e *entry) {
	s.mu.Lock()
	j, turn := e.job, e.turn
	s.mu.Unlock()
	o, took := s.runTurn(ctx, &j, turn)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.note(o, took)
	e.busy = false
	if e.gone {
		delete(s.entries, e.job.key())
		return
	}
	e.plan(s.now())
}

// outcome is what came of a turn.
type outcome uint8

const (
	ran outcome = iota
	failed
	elsewhere
	skipped
)

// runTurn runs a turn if it is ours, and returns how long that took.
func (s *Schedule) runTurn(ctx context.Context, j *Job, turn time.Time) (outcome, time.Duration) {
	mine, err := s.mine(ctx, j, turn)
	switch {
	case ctx.Err() != nil: // whether it is ours or not, no more is begun
		return skipped, 0
	case s.untold(err):
		if !j.Alone {
			return skipped, 0
		}
	case !mine:
		return elsewhere, 0
	}
	began := time.Now()
	err = j.Do(turn)
	took := time.Since(began)
	switch {
	case errors.Is(err, ErrNotNow):
		return skipped, 0
	case err != nil:
		return failed, took
	}
	return ran, took
}

// note counts what came of a turn.
func (c *Counts) note(o outcome, took time.Duration) {
	switch o {
	case elsewhere:
		c.Elsewhere++
		return
	case skipped:
		c.Skipped++
		return
	case failed:
		c.Failed++
	default:
		c.Ran++
	}
	c.Took = took
}

// untold notes whether the store told whose a turn is, and reports whether it did not.
func (s *Schedule) untold(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.missed++
		if !s.failing && s.Failing != nil {
			s.Failing(err)
		}
		s.failing = true
	case s.failing:
		if s.Working != nil {
			s.Working(s.missed)
		}
		s.failing, s.missed = false, 0
	}
	return err != nil
}
