package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// Sleep implements luaapi.Host. Where scripts are told another time than the system's, that is moved instead.
func (s *session) Sleep(d time.Duration) error {
	if c := s.program.clock; c != nil {
		c.Advance(d)
		return nil
	}
	b := s.running.budget
	s.endTurn()
	now := time.Now()
	s.keepAlive(now)
	until := now.Add(d)
	late := until.After(b.Until())
	if late {
		until = b.Until()
	}
	for {
		rest := time.Until(until)
		if rest <= 0 {
			break
		}
		t := time.NewTimer(min(rest, s.engine.keepAlive))
		select {
		case <-t.C:
		case <-s.engine.stopping:
			t.Stop()
			return b.Look() // which finds that, and ends the hook for good
		}
		s.keepAlive(time.Now())
	}
	if late {
		return b.Expire()
	}
	return nil
}

// Wait implements luaapi.Host.
func (s *session) Wait(do func(ctx context.Context) error) error {
	b := s.running.budget
	s.endTurn()
	ctx, cancel := context.WithDeadline(context.Background(), b.Until())
	defer cancel()
	done := make(chan outcomeOfWait, 1)
	go func() { done <- waitFor(ctx, do) }()
	stopping := s.engine.stopping
	alive := time.NewTicker(s.engine.keepAlive)
	defer alive.Stop()
	for {
		select {
		case o := <-done:
			return s.waited(ctx, o)
		case <-stopping:
			cancel()
			stopping = nil // what was begun ends soon now
		case now := <-alive.C:
			s.keepAlive(now)
		}
	}
}

// outcomeOfWait is an error, or what a panic brought.
type outcomeOfWait struct {
	err      error
	panicked any
	stack    []byte
}

// waitFor runs what a hook waits for. A panic must not end the daemon from a goroutine that nobody watches.
func waitFor(ctx context.Context, do func(ctx context.Context) error) (o outcomeOfWait) {
	defer func() {
		if o.panicked = recover(); o.panicked != nil {
			o.stack = debug.Stack()
		}
	}()
	o.err = do(ctx)
	return o
}

// waited returns the error of what a hook waited for: that of the hook if its time is up or the daemon stops.
func (s *session) waited(ctx context.Context, o outcomeOfWait) error {
	switch {
	case o.panicked != nil:
		panic(fmt.Sprintf("%v, in\n%s", o.panicked, o.stack))
	case s.engine.stopped():
		return s.running.budget.Look() // which finds that, and ends the hook for good
	case ctx.Err() != nil:
		return s.running.budget.Expire()
	}
	return o.err
}

// Services implements luaapi.Host.
func (s *session) Services() *luaapi.Services {
	if s.attendant.Services != nil {
		return s.attendant.Services
	}
	return s.program.services
}

// Progress implements luaapi.Host.
func (s *session) Progress() error {
	s.message.progress = time.Now()
	return s.conn.Progress()
}

// Metrics implements luaapi.Host.
func (s *session) Metrics() *metric.Version { return s.release.metrics[s.listener][s.running.script] }

// keepAlive tells the MTA to wait, if an eom hook runs and it was not told lately. A connection that is gone shows soon enough.
func (s *session) keepAlive(now time.Time) {
	if s.call.Stage != protocol.StageEOM {
		return
	}
	if s.message.progress.IsZero() {
		s.message.progress = now
	}
	if now.Sub(s.message.progress) >= s.engine.keepAlive {
		_ = s.Progress()
	}
}
