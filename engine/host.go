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

// work is a function of a script that runs within its budget: a hook, or a timer. It does what luaapi.Host has alike for both.
type work struct {
	engine    *Engine
	listener  string
	release   *Release
	program   *Program
	running   *vm // whose function runs
	turn      turn
	onTick    func(time.Time)     // tick, made once
	stepAside func()              // has another goroutine do the other sessions' work, when this one waits or computes for long; nil if it has none but this
	tellMTA   func(now time.Time) // has an MTA be patient that waits for it; nil if none does
}

// Sleep implements luaapi.Host. Where scripts are told another time than the system's, that is moved instead.
func (w *work) Sleep(d time.Duration) error {
	if c := w.program.clock; c != nil {
		c.Advance(d)
		return nil
	}
	b := w.running.budget
	w.endTurn()
	w.aside()
	now := time.Now()
	w.keepAlive(now)
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
		t := time.NewTimer(min(rest, w.engine.keepAlive))
		select {
		case <-t.C:
		case <-w.engine.stopping:
			t.Stop()
			return b.Look() // which finds that, and ends the hook for good
		}
		w.keepAlive(time.Now())
	}
	if late {
		return b.Expire()
	}
	return nil
}

// Wait implements luaapi.Host.
func (w *work) Wait(do func(ctx context.Context) error) error {
	b := w.running.budget
	w.endTurn()
	w.aside()
	ctx, cancel := context.WithDeadline(context.Background(), b.Until())
	defer cancel()
	done := make(chan outcomeOfWait, 1)
	go func() { done <- waitFor(ctx, do) }()
	stopping := w.engine.stopping
	alive := time.NewTicker(w.engine.keepAlive)
	defer alive.Stop()
	for {
		select {
		case o := <-done:
			return w.waited(ctx, o)
		case <-stopping:
			cancel()
			stopping = nil // what was begun ends soon now
		case now := <-alive.C:
			w.keepAlive(now)
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
func (w *work) waited(ctx context.Context, o outcomeOfWait) error {
	switch {
	case o.panicked != nil:
		panic(fmt.Sprintf("%v, in\n%s", o.panicked, o.stack))
	case w.engine.stopped():
		return w.running.budget.Look() // which finds that, and ends the hook for good
	case ctx.Err() != nil:
		return w.running.budget.Expire()
	}
	return o.err
}

// aside has others go on meanwhile.
func (w *work) aside() {
	if w.stepAside != nil {
		w.stepAside()
	}
}

// Services implements luaapi.Host.
func (w *work) Services() *luaapi.Services { return w.program.services }

// Services implements luaapi.Host. Who attends the session may have others.
func (s *session) Services() *luaapi.Services {
	if s.attendant.Services != nil {
		return s.attendant.Services
	}
	return s.work.Services()
}

// Metrics implements luaapi.Host.
func (w *work) Metrics() *metric.Version { return w.release.metrics[w.listener][w.running.script] }

// keepAlive has whoever waits be patient.
func (w *work) keepAlive(now time.Time) {
	if w.tellMTA != nil {
		w.tellMTA(now)
	}
}

// Progress implements luaapi.Host.
func (s *session) Progress() error {
	s.message.progress = time.Now()
	return s.conn.Progress()
}

// bePatient tells the MTA to wait, if an eom hook runs and it was not told lately. A connection that is gone shows soon enough.
func (s *session) bePatient(now time.Time) {
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
