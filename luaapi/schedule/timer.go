package schedule

import (
	"fmt"
	"time"

	"luamilter/luaapi/store"
)

// Timer says how often something happens.
type Timer struct {
	Name    string        // one of its own among the timers of a script
	Every   time.Duration // from Shortest to Longest
	Jitter  time.Duration // each turn is put off by so much at most, as chance will have it; below Every
	AtStart bool          // the turn of the time at which the timer begins to exist is run too
	Alone   bool          // a turn is run if the store cannot say whether another daemon does; else it is left out
}

// Bounds of a timer.
const (
	Shortest = time.Second
	Longest  = 30 * 24 * time.Hour
	MaxName  = 100 // bytes
)

// Check returns what is wrong with the timer, nil if nothing is.
func (t *Timer) Check() error {
	switch {
	case t.Every < Shortest || t.Every > Longest:
		return fmt.Errorf("the interval is %v; from 1s to 30d was expected", t.Every)
	case t.Jitter < 0 || t.Jitter >= t.Every:
		return fmt.Errorf("jitter is %v; less than the interval, %v, was expected", t.Jitter, t.Every)
	case t.Name == "" || len(t.Name) > MaxName:
		return fmt.Errorf("the name has %d bytes; from 1 to %d were expected", len(t.Name), MaxName)
	}
	return nil
}

// turnOf returns the turn that a time belongs to: the last one that is not after it.
func (t *Timer) turnOf(at time.Time) time.Time { return at.UTC().Truncate(t.Every) }

// Job is a timer and what it does.
type Job struct {
	Timer
	Of    string      // whose it is, such as the path of a script; with the name what it is known by
	Turns store.Space // where daemons agree who runs a turn; without a store, or with one that is Local, this one does
	Do    func(turn time.Time) error
}

// key is what a job is known by.
type key struct{ of, name string }

func (j *Job) key() key { return key{j.Of, j.Name} }
