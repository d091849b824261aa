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
func (w *work) tick(now time.Time) {
	w.keepAlive(now)
	w.pace(now)
	t := &w.turn
	switch {
	case now.Sub(w.running.budget.Since()) < longTime:
	case !t.held:
		w.aside()
		w.awaitTurn()
	case now.Sub(t.since) >= turnTime:
		w.engine.turns.free <- struct{}{} // whoever waits gets it; then we are the last in the queue
		t.held = false
		w.awaitTurn()
	default:
		yield()
	}
}

// pace slows a hook that allocates more than it may: it waits until it may have what it took.
func (w *work) pace(now time.Time) {
	b, m := w.running.budget, w.program.memory
	for {
		over := b.Used() - m.allowance(now.Sub(b.Since()))
		if over <= 0 || b.Stopped() || now.After(b.Until()) {
			return
		}
		w.endTurn()
		w.aside()
		select {
		case <-time.After(min(pause, time.Duration(float64(over)/m.rate()*float64(time.Second)))):
		case <-w.engine.stopping:
			return
		}
		now = time.Now()
		w.keepAlive(now)
	}
}

// pause is how long a hook waits at most before it looks again whether it may go on.
const pause = 20 * time.Millisecond

// awaitTurn waits for a turn, but no longer than the hook has time.
func (w *work) awaitTurn() {
	t := &w.turn
	for {
		select {
		case <-w.engine.turns.free:
			t.held, t.since = true, time.Now()
			return
		default:
		}
		patience := min(w.engine.keepAlive, time.Until(w.running.budget.Until()))
		if patience <= 0 {
			return
		}
		timer := time.NewTimer(patience)
		select {
		case <-w.engine.turns.free:
			timer.Stop()
			t.held, t.since = true, time.Now()
			return
		case <-w.engine.stopping:
			timer.Stop()
			return
		case <-timer.C:
			w.keepAlive(time.Now())
		}
	}
}

// endTurn gives the turn back, when the hook is over or waits for something else.
func (w *work) endTurn() {
	if w.turn.held {
		w.engine.turns.free <- struct{}{}
	}
	w.turn = turn{}
}
