package store

import (
	"context"
	"errors"
	"sync/atomic"

	"luamilter/luaapi/outage"
)

// Watched is a store whose use is counted, and whose failures are noticed.
type Watched struct {
	Store
	Outage outage.Outage

	steps, failures atomic.Uint64
}

// Counts are how often a store was asked, and how often it failed.
type Counts struct{ Steps, Failures uint64 }

// Counts returns how it went so far.
func (w *Watched) Counts() Counts { return Counts{w.steps.Load(), w.failures.Load()} }

// Usage returns how much the store holds, and whether that is known.
func (w *Watched) Usage() (u Usage, known bool) {
	s, known := w.Store.(interface{ Usage() Usage })
	if !known {
		return Usage{}, false
	}
	return s.Usage(), true
}

// Get implements Store.
func (w *Watched) Get(ctx context.Context, key string) (value string, found bool, err error) {
	value, found, err = w.Store.Get(ctx, key)
	w.note(err)
	return value, found, err
}

// Decide implements Store.
func (w *Watched) Decide(ctx context.Context, d *Decision, key string, args ...string) (reply []string, err error) {
	reply, err = w.Store.Decide(ctx, d, key, args...)
	w.note(err)
	return reply, err
}

// note counts a step. That a hook did not wait for it says nothing about the store.
func (w *Watched) note(err error) {
	w.steps.Add(1)
	switch {
	case err == nil:
		w.Outage.Worked()
	case !errors.Is(err, context.Canceled):
		w.failures.Add(1)
		w.Outage.Failed(err)
	}
}
