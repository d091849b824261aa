package outage

import "sync"

// Enough is how many failures in a row are an outage.
const Enough = 3

// Note is what has changed.
type Note struct {
	What     string // what was asked, as for the log
	Err      error  // why it fails; nil if it works again
	Failures uint64 // how many there were; of one that works again, in all of its outage
}

// Outage watches over one thing that is asked. Its fields are set before its first use; then it is safe for use by several goroutines.
type Outage struct {
	What string
	Tell func(Note) // is told of each beginning and end, in their order; nil for nobody. It must not call the Outage.

	mu       sync.Mutex
	failures uint64 // since it worked last
}

// Failed notes a question that was not answered.
func (o *Outage) Failed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failures++
	if o.failures == Enough && o.Tell != nil {
		o.Tell(Note{o.What, err, o.failures})
	}
}

// Worked notes a question that was answered.
func (o *Outage) Worked() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failures >= Enough && o.Tell != nil {
		o.Tell(Note{What: o.What, Failures: o.failures})
	}
	o.failures = 0
}
