package outage

import (
	"sync"
	"sync/atomic"
	"time"
)

// Enough is how many failures in a row are an outage, where nothing else is said.
const Enough = 3

// Calm is how long nothing must fail until an outage is over.
const Calm = 10 * time.Second

// Note is what has changed.
type Note struct {
	What     string // what was asked, as for the log
	Err      error  // why it fails; nil if it works again
	Failures uint64 // how many there were; of one that works again, in all of its outage
}

// Outage watches over one thing that is asked. Its fields are set before its first use; then it is safe for use by several goroutines.
type Outage struct {
	What   string
	Enough int        // failures in a row that are an outage; 0 for the constant
	Tell   func(Note) // is told of each beginning and end, in their order; nil for nobody. It must not call the Outage.

	failing  atomic.Bool // something failed since it was well; saves the lock where all is well
	mu       sync.Mutex
	begun    bool
	inARow   int         // failures
	failures uint64      // since it was well
	last     time.Time   // of them
	end      *time.Timer // of the outage, if nothing fails until then; nil where there was no answer since the last failure
}

// Failed notes a question that was not answered.
func (o *Outage) Failed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failing.Store(true)
	o.failures++
	o.inARow++
	o.last = time.Now()
	if o.end != nil {
		o.end.Stop()
		o.end = nil
	}
	if o.begun || o.inARow < o.enough() {
		return
	}
	o.begun = true
	o.tell(Note{o.What, err, o.failures})
}

// Worked notes a question that was answered.
func (o *Outage) Worked() {
	if !o.failing.Load() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inARow = 0
	switch {
	case !o.begun:
		o.well()
	case o.end == nil:
		o.end = time.AfterFunc(Calm-time.Since(o.last), o.calm)
	}
}

// calm ends the outage, unless something has failed since the timer that calls it was set.
func (o *Outage) calm() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.end == nil || time.Since(o.last) < Calm {
		return
	}
	o.tell(Note{What: o.What, Failures: o.failures})
	o.well()
}

// well forgets what was.
func (o *Outage) well() {
	o.begun, o.failures, o.end = false, 0, nil
	o.failing.Store(false)
}

func (o *Outage) enough() int {
	if o.Enough > 0 {
		return o.Enough
	}
	return Enough
}

func (o *Outage) tell(n Note) {
	if o.Tell != nil {
		o.Tell(n)
	}
}
