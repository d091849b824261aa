package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Watched is a store whose use is counted, and whose failures are told.
type Watched struct {
	Store
	Now     func() time.Time
	Failing func(err error)       // called when steps begin to fail
	Working func(failures uint64) // called when none has failed for a while, after so many that did

	steps, failures atomic.Uint64
	failing         atomic.Bool
	mu              sync.Mutex // guards what follows
	inARow          uint64     // failures since it was told that steps fail
	last            time.Time  // of them
}

// calm is how long no step must fail until a store counts as working, so that one that fails now and then does not fill the log.
const calm = 10 * time.Second

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

// note counts a step, and tells if something has changed. That a hook did not wait for it says nothing about the store.
func (w *Watched) note(err error) {
	w.steps.Add(1)
	switch {
	case err == nil:
		if w.failing.Load() {
			w.calmDown()
		}
	case !errors.Is(err, context.Canceled):
		w.failures.Add(1)
		w.fail(err)
	}
}

func (w *Watched) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inARow++
	w.last = w.Now()
	if w.failing.CompareAndSwap(false, true) {
		w.Failing(err)
	}
}

func (w *Watched) calmDown() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.Now().Sub(w.last) >= calm && w.failing.CompareAndSwap(true, false) {
		w.Working(w.inARow)
		w.inARow = 0
	}
}
