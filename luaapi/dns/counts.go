package dns

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Times are the upper ends of the classes in Counts.Times; the last class has no end.
var Times = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second,
}

// Counts is what a Resolver has done so far.
type Counts struct {
	Found, Empty, Missing, Failed uint64 // lookups for which servers were asked, or could not be
	Cached                        uint64 // answered from the cache
	FailedAgain                   uint64 // not tried, because they failed just before
	Stale                         uint64 // answered by what had ended, because nobody knew better
	Refused                       uint64 // of Failed, those for which no server was asked because none answers at present

	Times [len(Times) + 1]uint64 // how long lookups took that were not answered from the cache, by class
	Time  time.Duration          // all of them together

	CacheBytes int64 // now
	Down       int   // servers that do not answer, now
	Servers    int   // all of them
}

// counts are Counts that several goroutines add to.
type counts struct {
	cached atomic.Uint64 // by itself, as it is the one that many add to

	mu sync.Mutex
	n  Counts // the others
}

func (c *counts) add(to *uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*to++
}

func (c *counts) failedAgain() { c.add(&c.n.FailedAgain) }
func (c *counts) usedStale()   { c.add(&c.n.Stale) }

// looked counts a lookup.
func (c *counts) looked(a Answer, err error, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		c.n.Failed++
		if errors.Is(err, errNoServer) {
			c.n.Refused++
		}
	case a.Missing:
		c.n.Missing++
	case len(a.Records) == 0:
		c.n.Empty++
	default:
		c.n.Found++
	}
	class := 0
	for class < len(Times) && took > Times[class] {
		class++
	}
	c.n.Times[class]++
	c.n.Time += took
}

// Counts returns what was done so far.
func (r *Resolver) Counts() Counts {
	r.counts.mu.Lock()
	n := r.counts.n
	r.counts.mu.Unlock()
	n.Cached, n.CacheBytes, n.Servers = r.counts.cached.Load(), r.cache.bytes(), len(r.servers)
	for _, s := range r.servers {
		if down, _ := s.state(); down {
			n.Down++
		}
	}
	return n
}
