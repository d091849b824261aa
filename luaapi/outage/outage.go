package outage

import (
	"sync"
	"time"
)

// Enough is how many failures in a row are an outage.
const Enough = 3

// Calm is how long nothing must fail until an outage can be over.
const Calm = 10 * time.Second

// Note is what has changed.
type Note struct {
	What     string // what was asked, as for the log
	Err      error  // why it fails; nil if it works again
	Failures uint64 // how many there were; of one that works again, in all of its outage
}

// Outage watches over one thing that is asked. Its fields are set before its first use; then it is safe for use by several goroutines.
type Outage struct {
	What string
	Tell func(Note)       // is told of each beginning and end, in their order; nil for nobody. It must not call the Outage.
	Now  func() time.Time // nil for the time of the system

	mu       sync.Mutex
	begun    bool
	inARow   int       // failures
	failures uint64    // since it was well
	last     time.Time // of them
}

// Failed notes a question that was not answered.
func (o *Outage) Failed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failures++
	o.inARow++
	o.last = o.now()
	if o.begun || o.inARow < Enough {
		return
	}
	o.begun = true
	if o.Tell != nil {
		o.Tell(Note{o.What, err, o.failures})
	}
}

// Worked notes a question that was answered.
func (o *Outage) Worked() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inARow = 0
	if !o.begun {
		o.failures = 0
		return
	}
	if o.now().Sub(o.last) < Calm {
		return
	}
	if o.Tell != nil {
		o.Tell(Note{What: o.What, Failures: o.failures})
	}
	o.begun, o.failures = false, 0
}

func (o *Outage) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}
