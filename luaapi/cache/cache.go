package cache

import (
	"container/list"
	"strings"
	"sync"
	"time"
)

// Shared are the caches of a daemon. Its fields are set before the first use.
type Shared struct {
	Size int64            // bytes of all values and keys together
	Now  func() time.Time // tells the time

	mu     sync.Mutex
	caches map[string]*values
	order  list.List // of *kept, of all caches: the last used first
	usage  Usage
}

// Usage is how much there is, and how it went so far.
type Usage struct {
	Values       int
	Bytes        int64
	Hits, Misses uint64
	Evicted      uint64 // values that made room before their time
}

// values are those of one cache.
type values struct {
	kept    map[string]*kept
	flights map[string]*Flight
	order   list.List // of *kept
}

// kept is a value in a cache.
type kept struct {
	of           *values
	key          string
	value        any
	size         int64
	until        time.Time
	place, among *list.Element // in the order of its cache, and of all
}

// overhead is what a value takes besides itself, in bytes.
const overhead = 400

// Limits are what a cache may hold.
type Limits struct {
	TTL    time.Duration // how long a value is good
	Values int
}

// Usage returns how much there is.
func (s *Shared) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage
}

// Get returns a value of a cache, and whether it is there.
func (s *Shared) Get(cache, key string) (value any, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(s.cache(cache), key)
}

// Look returns a value of a cache if it is there. If not, it returns a flight: if it is the caller's own, the caller finds the value out and then calls Land or
// Fail, whatever happens; else somebody else does. owner is whoever calls, so that they do not wait for themselves.
func (s *Shared) Look(cache, key string, owner any) (value any, found bool, f *Flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.cache(cache)
	if value, found = s.get(c, key); found {
		return value, true, nil
	}
	if f = c.flights[key]; f == nil {
		f = &Flight{shared: s, of: c, key: strings.Clone(key), owner: owner, landed: make(chan struct{})}
		c.flights[f.key] = f
		return nil, false, f
	}
	return nil, false, &Flight{key: key, owner: f.owner, landed: f.landed}
}

// Delete removes a value, and reports whether it was there.
func (s *Shared) Delete(cache, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.cache(cache).kept[key]
	if k == nil {
		return false
	}
	s.drop(k)
	return s.Now().Before(k.until)
}

// cache returns a cache, which it makes if it is new. The caller has the lock.
func (s *Shared) cache(name string) *values {
	if s.caches == nil {
		s.caches = map[string]*values{}
	}
	if s.caches[name] == nil {
		s.caches[name] = &values{kept: map[string]*kept{}, flights: map[string]*Flight{}}
	}
	return s.caches[name]
}

func (s *Shared) get(c *values, key string) (value any, found bool) {
	k := c.kept[key]
	if k != nil && !s.Now().Before(k.until) {
		s.drop(k)
		k = nil
	}
	if k == nil {
		s.usage.Misses++
		return nil, false
	}
	s.usage.Hits++
	c.order.MoveToFront(k.place)
	s.order.MoveToFront(k.among)
	return k.value, true
}

// put keeps a value. One that alone is larger than all may be is not kept.
func (s *Shared) put(c *values, key string, value any, size int64, l Limits) {
	if old := c.kept[key]; old != nil {
		s.drop(old)
	}
	size += int64(len(key)) + overhead
	if size > s.Size {
		return
	}
	for len(c.kept) >= max(1, l.Values) {
		s.evict(c.order.Back())
	}
	for s.usage.Bytes+size > s.Size {
		s.evict(s.order.Back())
	}
	k := &kept{of: c, key: key, value: value, size: size, until: s.Now().Add(l.TTL)}
	k.place, k.among = c.order.PushFront(k), s.order.PushFront(k)
	c.kept[key] = k
	s.usage.Values++
	s.usage.Bytes += size
}

func (s *Shared) evict(e *list.Element) {
	k := e.Value.(*kept)
	if s.Now().Before(k.until) {
		s.usage.Evicted++
	}
	s.drop(k)
}

func (s *Shared) drop(k *kept) {
	k.of.order.Remove(k.place)
	s.order.Remove(k.among)
	delete(k.of.kept, k.key)
	s.usage.Values--
	s.usage.Bytes -= k.size
}
