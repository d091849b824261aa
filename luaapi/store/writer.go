package store

import (
	"errors"
	"sync"
)

// writer collects requests and has them done together: those that come while some are being done are the next.
type writer struct {
	mu      sync.Mutex
	waiting []*request
	ended   bool
	wake    chan struct{} // there is something to do
	done    chan struct{} // closed when it has ended
}

// request is a step that waits for its transaction.
type request struct {
	decision *Decision
	key      []byte
	args     []string
	reply    []string // set before there is an answer
	err      error    // likewise
	answer   chan error
}

// most is how many requests are done together, so that the first of them does not wait for long.
const most = 2000

// errEnded is the error of requests that come too late.
var errEnded = errors.New("it is closed, because the daemon stops")

// start begins the work. commit does some requests, or none and returns why. pause is called before they are collected.
func (w *writer) start(pause func(), commit func([]*request) error) {
	w.wake, w.done = make(chan struct{}, 1), make(chan struct{})
	go w.work(pause, commit)
}

// end waits until all requests are answered.
func (w *writer) end() {
	w.mu.Lock()
	if !w.ended {
		w.ended = true
		close(w.wake)
	}
	w.mu.Unlock()
	<-w.done
}

// add makes a request, which gets an answer.
func (w *writer) add(r *request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return errEnded
	}
	w.waiting = append(w.waiting, r)
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// asked reports whether there is something to do.
func (w *writer) asked() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) > 0
}

// next returns what is to be done next.
func (w *writer) next() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(most, len(w.waiting))
	batch := w.waiting[:n:n]
	if w.waiting = w.waiting[n:]; len(w.waiting) == 0 {
		w.waiting = nil
	}
	return batch
}

func (w *writer) work(pause func(), commit func([]*request) error) {
	defer close(w.done)
	for open := true; open; {
		_, open = <-w.wake
		for w.asked() {
			pause()
			batch := w.next()
			err := commit(batch)
			for _, r := range batch {
				if err != nil {
					r.reply, r.err = nil, err
				}
				r.answer <- r.err
			}
		}
	}
}
