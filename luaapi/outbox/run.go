package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	workers    = 4 // deliveries at a time
	firstPause = 5 * time.Second
	lastPause  = 15 * time.Minute
	look       = 5 * time.Second // between two looks at what others have put, or at the lock
)

// attempt is what is known of an item that is tried again.
type attempt struct {
	next  time.Time
	pause time.Duration
	busy  bool
}

// runner delivers what is in an Outbox.
type runner struct {
	*Outbox
	turns    chan struct{} // a place for each worker
	finished chan result
	attempts map[string]*attempt
	known    []string // the items, as of the last look, without what is done
}

// result is how a delivery ended.
type result struct {
	id  string
	end ending
}

// ending is what a delivery came to.
type ending uint8

const (
	done     ending = iota // the item is gone
	failed                 // it is tried again, after longer and longer pauses
	notTried               // it is tried again as soon as before: that nobody asked says nothing about the next time
)

// Run delivers until ctx ends, and returns when no delivery is under way any more. While another process has the lock, it waits for that.
func (b *Outbox) Run(ctx context.Context) error {
	lock, err := b.lock(ctx)
	if lock == nil {
		return err
	}
	defer lock.Close()
	r := &runner{b, make(chan struct{}, workers), make(chan result), map[string]*attempt{}, nil}
	var running sync.WaitGroup
	defer running.Wait()
	pause := time.NewTicker(look)
	defer pause.Stop()
	for changed := true; ; {
		if changed {
			r.look()
		}
		next := time.NewTimer(r.begin(ctx, &running))
		changed = true
		select {
		case <-ctx.Done():
			next.Stop()
			go r.drain(&running)
			return nil
		case n := <-r.finished:
			r.note(n)
			changed = false
		case <-b.news:
		case <-next.C:
		case <-pause.C:
		}
		next.Stop()
	}
}

// drain takes the results of what is under way, which nobody needs.
func (r *runner) drain(running *sync.WaitGroup) {
	ended := make(chan struct{})
	go func() { running.Wait(); close(ended) }()
	for {
		select {
		case <-r.finished:
		case <-ended:
			return
		}
	}
}

// lock waits for the lock, nil if ctx ends before.
func (b *Outbox) lock(ctx context.Context) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(b.options.Dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("outbox: lock: %w", err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, f.Close()
		case <-time.After(look):
		}
	}
}

// look looks at what is there. A folder that cannot be read is as it was.
func (r *runner) look() {
	names, err := r.names()
	if err != nil {
		return
	}
	r.known = names
	r.waiting.Store(int64(len(names)))
	r.forget(names)
}

// begin begins what is due, as far as there are workers, and returns when there is more to do.
func (r *runner) begin(ctx context.Context, running *sync.WaitGroup) (wait time.Duration) {
	wait = lastPause
	now := time.Now()
	for _, id := range r.known {
		a := r.attempts[id]
		if a == nil {
			a = &attempt{pause: firstPause}
			r.attempts[id] = a
		}
		if a.busy {
			continue
		}
		if d := a.next.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		select {
		case r.turns <- struct{}{}:
		default:
			return wait // a result comes first
		}
		a.busy = true
		running.Go(func() {
			end := r.deliver(ctx, id)
			<-r.turns
			r.finished <- result{id, end}
		})
	}
	return wait
}

// forget forgets attempts at what is not there any more.
func (r *runner) forget(names []string) {
	if len(r.attempts) <= 2*len(names)+workers {
		return
	}
	there := make(map[string]bool, len(names))
	for _, id := range names {
		there[id] = true
	}
	for id, a := range r.attempts {
		if !there[id] && !a.busy {
			delete(r.attempts, id)
		}
	}
}

// note notes how a delivery ended.
func (r *runner) note(n result) {
	a := r.attempts[n.id]
	a.busy = false
	switch n.end {
	case done:
		delete(r.attempts, n.id)
		r.known = slices.DeleteFunc(r.known, func(id string) bool { return id == n.id })
	case failed:
		a.next, a.pause = time.Now().Add(a.pause), min(2*a.pause, lastPause)
	case notTried:
		a.next = time.Now().Add(firstPause)
	}
}

// deliver tries to deliver an item.
func (r *runner) deliver(ctx context.Context, id string) ending {
	i, err := r.read(id)
	if errors.Is(err, errBad) {
		r.bad.Add(1)
		_ = os.Rename(r.file(id), r.file(id)+".bad")
		r.drop(i, err)
		return done
	}
	if errors.Is(err, os.ErrNotExist) {
		return done
	}
	if err != nil {
		return failed
	}
	err = r.options.Kinds[i.Kind](ctx, i.Payload)
	switch {
	case err == nil:
		r.delivered.Add(1)
		r.outage.Worked()
	case ctx.Err() != nil:
		return failed // the daemon stops; the item waits for the next one
	case errors.Is(err, ErrFinal):
		r.dropped.Add(1)
		r.outage.Worked()
		r.drop(i, err)
	case time.Since(i.Created) > r.options.Keep:
		r.dropped.Add(1)
		r.drop(i, fmt.Errorf("it was tried for %v: %w", r.options.Keep, err))
	case errors.Is(err, ErrNotTried):
		return notTried
	default:
		r.failed.Add(1)
		r.outage.Failed(err)
		return failed
	}
	if err := os.Remove(r.file(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return failed
	}
	r.waiting.Add(-1)
	return done
}

func (r *runner) drop(i Item, why error) {
	if r.options.Dropped != nil {
		r.options.Dropped(i, why)
	}
}
