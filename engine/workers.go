package engine

import (
	"net"
	"sync"

	"luamilter/poll"
)

// workers are the goroutines that run sessions which the poller cannot serve, one at a time each. Their stacks have grown with the scripts, which
// costs as much as a message does; so they go on with other sessions, while connections that are idle wait in goroutines with small stacks.
type workers struct {
	mu     sync.Mutex
	free   []chan job
	closed bool
}

// job is a connection to be served, with its session once it has one.
type job struct {
	conn      net.Conn
	polled    *poll.Conn // that conn is or records; nil if a goroutine is to wait for what comes
	listener  string
	id        string // of the connection in the log
	attendant Attendant
	session   *session
}

// maxFree is how many wait for work: as many as there are VMs that do.
var maxFree = maxSpare

// run has a worker do a job.
func (w *workers) run(j job, do func(job)) {
	w.mu.Lock()
	if n := len(w.free); n > 0 {
		next := w.free[n-1]
		w.free = w.free[:n-1]
		w.mu.Unlock()
		next <- j
		return
	}
	w.mu.Unlock()
	go w.work(j, do)
}

// work does a job, and then others.
func (w *workers) work(j job, do func(job)) {
	next := make(chan job, 1)
	for {
		do(j)
		if !w.rest(next) {
			return
		}
		var more bool
		if j, more = <-next; !more {
			return
		}
	}
}

// rest offers a worker for the next job. It reports false if there are enough.
func (w *workers) rest(next chan job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.free) >= maxFree {
		return false
	}
	w.free = append(w.free, next)
	return true
}

// close sends those that wait home, and in future those that have done their job.
func (w *workers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, next := range w.free {
		close(next)
	}
	w.free = nil
}
