package cache

import (
	"context"
)

// Flight is a value that somebody finds out.
type Flight struct {
	shared *Shared // nil for those who wait
	of     *values
	key    string
	owner  any
	landed chan struct{} // closed when it is known, or nobody finds it out any more
}

// Own reports whether the value is for the caller of Look to find out.
func (f *Flight) Own() bool { return f.shared != nil }

// Of reports whether it was this owner who is finding the value out.
func (f *Flight) Of(owner any) bool { return f.owner == owner }

// Wait waits until the value is known, or nobody finds it out any more. Whether it is there, Get tells.
func (f *Flight) Wait(ctx context.Context) error {
	select {
	case <-f.landed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Land keeps the value, which takes so many bytes.
func (f *Flight) Land(value any, size int64, l Limits) {
	f.shared.mu.Lock()
	defer f.shared.mu.Unlock()
	f.shared.put(f.of, f.key, value, size, l)
	f.end()
}

// Fail ends the flight without a value. After Land it does nothing.
func (f *Flight) Fail() {
	f.shared.mu.Lock()
	defer f.shared.mu.Unlock()
	f.end()
}

func (f *Flight) end() {
	if f.of.flights[f.key] != f {
		return
	}
	delete(f.of.flights, f.key)
	close(f.landed)
}
