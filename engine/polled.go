package engine

import (
	"net"

	"luamilter/poll"
)

// polled returns the listener in a form whose connections can be polled, where there is one.
func (e *Engine) polled(l net.Listener) (net.Listener, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.poller == nil && !e.isDraining() {
		var err error
		if e.poller, err = poll.New(e.ParkAfter); err != nil {
			return nil, err
		}
	}
	return e.poller.Listen(l)
}

// polledJob is a connection that the poller has served.
type polledJob struct {
	engine *Engine
	job
}

// Serve implements poll.Handler.
func (j *polledJob) Serve() (state poll.State) {
	defer j.after(&state)
	if j.session == nil {
		j.session = newSession(j.engine, j.job)
	}
	return j.session.serve()
}

// Quiet implements poll.Handler.
func (j *polledJob) Quiet() (state poll.State) {
	defer j.after(&state)
	if j.session != nil {
		_ = j.session.rest() // which says that it did
	}
	return poll.Cold
}

// after is to be deferred: it notes if the connection is gone, as it is after a panic.
func (j *polledJob) after(state *poll.State) {
	if v := recover(); v != nil {
		j.engine.survived(j.conn, v)
	}
	if *state == poll.Gone {
		j.engine.ended(j.conn)
	}
}
