package dns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Options are what a Resolver goes by.
type Options struct {
	Servers     []string      // ADDRESS:PORT of name servers that recurse; at least one
	Timeout     time.Duration // how long a server has for an answer
	Tries       int           // how many questions a lookup may take
	Cache       int64         // bytes of answers that are kept
	Stale       time.Duration // how long after its end an answer is used when nobody knows better (RFC 8767); 0 for not at all
	Concurrency int           // how many lookups may ask at a time
	RandomCase  bool          // whether letters of questions are made small or large at random (0x20)
}

// errNotAsked is wrapped by the error of a lookup for which no server was asked. It cost nothing, so it is not kept.
var errNotAsked = errors.New("nobody was asked")

// failureTime is for how long a lookup that failed is not tried again (RFC 9520 section 3.2: at least a second).
const failureTime = 5 * time.Second

// Resolver is the Source that asks name servers.
type Resolver struct {
	options Options
	servers []*server
	cache   *cache
	busy    chan struct{} // has an element for each lookup that asks
	counts  counts

	ctx     context.Context // ends with Close
	end     context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	flights map[Question]*flight
}

// flight is a lookup that several wait for.
type flight struct {
	done   chan struct{} // closed when the rest is set
	answer Answer
	err    error
}

// NewResolver makes a resolver. It asks nobody until it is asked.
func NewResolver(o Options) *Resolver {
	r := &Resolver{options: o, cache: newCache(o.Cache), busy: make(chan struct{}, o.Concurrency), flights: map[Question]*flight{}}
	r.ctx, r.end = context.WithCancel(context.Background())
	for _, address := range o.Servers {
		r.servers = append(r.servers, &server{address: address})
	}
	return r
}

// Close ends what runs, and waits for that. Lookups fail from then on.
func (r *Resolver) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.end()
	r.running.Wait()
}

// Cached implements Source.
func (r *Resolver) Cached(q Question) (Answer, bool) {
	e := r.cache.get(q)
	if e == nil || e.err != nil || time.Now().After(e.ends) {
		return Answer{}, false
	}
	r.counts.cached.Add(1)
	return e.answer, true
}

// Lookup implements Source.
func (r *Resolver) Lookup(ctx context.Context, q Question) (Answer, error) {
	if a, ok := r.Cached(q); ok {
		return a, nil
	}
	f, err := r.join(q)
	if err != nil {
		return Answer{}, err
	}
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("look up %v: %w", q, context.Cause(ctx))
	}
}

// join returns the flight of a question, which it starts if there is none.
func (r *Resolver) join(q Question) (*flight, error) {
	known := r.cache.get(q)
	if known != nil && known.err != nil && time.Now().Before(known.ends) {
		r.counts.failedAgain()
		return nil, known.err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch f := r.flights[q]; {
	case r.closed:
		return nil, fmt.Errorf("look up %v: the daemon stops", q)
	case f != nil:
		return f, nil
	}
	f := &flight{done: make(chan struct{})}
	r.flights[q] = f
	r.running.Go(func() { r.fly(q, f) })
	return f, nil
}

// fly makes a lookup for all who wait for it.
func (r *Resolver) fly(q Question, f *flight) {
	defer func() {
		if p := recover(); p != nil { // it must not cost more than this lookup
			f.err = fmt.Errorf("look up %v: a bug in luamilter: %v, in\n%s", q, p, debug.Stack())
		}
		r.mu.Lock()
		delete(r.flights, q)
		r.mu.Unlock()
		close(f.done)
	}()
	begun := time.Now()
	f.answer, f.err = r.resolve(q)
	r.counts.looked(f.answer, f.err, time.Since(begun))
	f.answer, f.err = r.keep(q, f.answer, f.err)
}

// keep puts what a lookup brought into the cache. If it failed, it returns what was known before, as far as that may be used.
func (r *Resolver) keep(q Question, a Answer, err error) (Answer, error) {
	now := time.Now()
	if err == nil {
		if a.validFor > 0 {
			ends := now.Add(a.validFor)
			r.cache.put(&entry{question: q, answer: a, ends: ends, last: ends.Add(r.options.Stale)})
		}
		return a, nil
	}
	if old := r.cache.get(q); old != nil && old.err == nil && now.Before(old.last) {
		r.counts.usedStale()
		r.cache.put(&entry{question: q, answer: old.answer, ends: now.Add(failureTime), last: old.last})
		return old.answer, nil
	}
	if r.ctx.Err() == nil && !errors.Is(err, errNotAsked) {
		r.cache.put(&entry{question: q, err: err, ends: now.Add(failureTime)})
	}
	return Answer{}, err
}

// resolve asks the servers.
func (r *Resolver) resolve(q Question) (Answer, error) {
	timeout := r.options.Timeout * time.Duration(r.options.Tries)
	ctx, cancel := context.WithTimeout(r.ctx, timeout)
	defer cancel()
	select {
	case r.busy <- struct{}{}:
		defer func() { <-r.busy }()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("look up %v: %w: %d lookups run already, which is what dns.concurrency allows", q, errNotAsked, r.options.Concurrency)
	}
	asked := map[*server]int{} // how often
	var failed error
	for range r.options.Tries {
		servers, err := order(r.servers) // which may have changed since the last question
		if err != nil {
			return Answer{}, fmt.Errorf("look up %v: %w", q, err)
		}
		s := slices.MinFunc(servers, func(x, y *server) int { return asked[x] - asked[y] }) // the first of those
		if asked[s] > 0 && errors.Is(failed, errSays) {
			break // they have said all they know
		}
		asked[s]++
		a, err := r.try(ctx, s, q)
		if err == nil {
			return a, nil
		}
		failed = fmt.Errorf("look up %v at %s: %w", q, s.address, err)
		if ctx.Err() != nil || errors.Is(err, errAliases) {
			break
		}
	}
	return Answer{}, failed
}

// try asks one server.
func (r *Resolver) try(ctx context.Context, s *server, q Question) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	m, err := s.ask(ctx, q, r.options.RandomCase)
	if err != nil {
		if r.ctx.Err() == nil && s.miss(err) {
			r.running.Go(func() { s.check(r.ctx, r.options.Timeout) })
		}
		return Answer{}, err
	}
	s.answered()
	return answerOf(m, q)
}
