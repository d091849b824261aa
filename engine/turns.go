package engine

import (
	"runtime"
	"time"
)

// turns lets hooks that compute for long go on by turns, so that one processor is always left for the others. Go would share all
// processors among them evenly, and mail that needs microseconds would wait for scripts that need seconds.
type turns struct{ free chan struct{} }

func newTurns() turns {
	n := max(1, runtime.GOMAXPROCS(0)-1)
	t := turns{make(chan struct{}, n)}
	for range n {
		t.free <- struct{}{}
	}
	return t
}

// turn is a session's place among those that compute for long.
type turn struct {
	held  bool      // it is its turn
	since time.Time // when that began
}

const (
	longTime = 300 * time.Microsecond // how long a hook computes before it counts as long
	turnTime = 2 * time.Millisecond   // how long a turn is
)

// tick is called now and then while a hook computes: it keeps the MTA waiting, and the hook within its turns.
func (s *session) tick(now time.Time) {
	s.keepAlive(now)
	s.pace(now)
	t := &s.turn
	switch {
	case now.Sub(s.running.budget.Since()) < longTime:
	case !t.held:
		s.awaitTurn()
	case now.Sub(t.since) >= turnTime:
		s.engine.turns.free <- struct{}{} // whoever waits gets it; then we are the last in the queue
		t.held = false
		s.awaitTurn()
	default:
		yield()
	}
}

// pace slows a hook that allocates more than it may: it waits until it may have what it took.
func (s *session) pace(now time.Time) {
	b, m := s.running.budget, s.program.memory
	for {
		over := b.Used() - m.allowance(now.Sub(b.Since()))
		if over <= 0 || b.Stopped() || now.After(b.Until()) {
			return
		}
		s.endTurn()
		select {
		case <-time.After(min(pause, time.Duration(float64(over)/m.rate()*float64(time.Second)))):
		case <-s.engine.stopping:
			return
		}
		now = time.Now()
		s.keepAlive(now)
	}
}

// pause is how long a hook waits at most before it looks again whether it may go on.
const pause = 20 * time.Millisecond

// awaitTurn waits for a turn, but no longer than the hook has time.
func (s *session) awaitTurn() {
	t := &s.turn
	for {
		select {
		case <-s.engine.turns.free:
			t.held, t.since = true, time.Now()
			return
		default:
		}
		patience := min(s.engine.keepAlive, time.Until(s.running.budget.Until()))
		if patience <= 0 {
			return
		}
		timer := time.NewTimer(patience)
		select {
		case <-s.engine.turns.free:
			timer.Stop()
			t.held, t.since = true, time.Now()
			return
		case <-s.engine.stopping:
			timer.Stop()
			return
		case <-timer.C:
			s.keepAlive(time.Now())
		}
	}
}

// endTurn gives the turn back, when the hook is over or waits for something else.
func (s *session) endTurn() {
	if s.turn.held {
		s.engine.turns.free <- struct{}{}
	}
	s.turn = turn{}
}
