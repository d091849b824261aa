package metric

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// The limits of what is kept. A series of a histogram counts as often as it has lines where it is shown, 22 times.
const (
	MaxNames  = 100    // metrics of a script in a listener
	MaxSeries = 1_000  // series with labels of a script in a listener
	MaxTotal  = 20_000 // of all together
)

// Store has the metrics of all scripts of a process. Its methods, and those of what comes out of it, are for any goroutine.
type Store struct {
	warn  func(listener, script, what string)
	lines atomic.Int64 // of series with labels

	mu   sync.Mutex // guards what follows, and which metrics there are
	sets map[owner]*Set
	tick uint64 // counts what happens to metrics, to tell what was last
}

// owner is whose metrics they are.
type owner struct{ listener, script string }

// NewStore returns an empty Store. It calls warn once for each script that has reached a limit.
func NewStore(warn func(listener, script, what string)) *Store {
	return &Store{warn: warn, sets: map[owner]*Set{}}
}

// Set has the metrics of a script in a listener.
type Set struct {
	owner
	store   *Store
	metrics map[signature]*metric // guarded by Store.mu
	lines   atomic.Int64          // of series with labels
	over    atomic.Uint64         // values that went elsewhere, because a limit was reached
}

// signature is what a metric is known by.
type signature struct {
	name   string
	kind   Kind
	labels string
}

// Set returns the metrics of a script in a listener: the same ones whenever it is called.
func (s *Store) Set(listener, script string) *Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := owner{listener, script}
	set := s.sets[o]
	if set == nil {
		set = &Set{owner: o, store: s, metrics: map[signature]*metric{}}
		s.sets[o] = set
	}
	return set
}

// metric returns a metric, a new one if need be; nil if there are too many.
func (s *Set) metric(k Kind, name string, labels []Label) *metric {
	names := labelNames(labels)
	sig := signature{name, k, fmt.Sprint(names)}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	m := s.metrics[sig]
	if m == nil {
		if len(s.metrics) >= MaxNames {
			return nil
		}
		m = newMetric(k, name, names)
		sig.name = m.name
		s.metrics[sig] = m
	}
	s.store.tick++
	m.took = s.store.tick
	return m
}

// series returns the series of labels, which are sorted and those of the metric.
func (s *Set) series(m *metric, labels []Label) *series {
	var space [maxKey]byte
	key := appendKey(space[:0], labels)
	if found := m.find(key); found != nil {
		return found
	}
	beyond := ""
	made := m.make(key, func(lines int64) bool {
		beyond = s.reserve(lines)
		return beyond == ""
	})
	if beyond != "" {
		s.exceeded(m.name + ": " + beyond + ` already; what comes with other labels is counted with the value "other". Use labels with few values`)
	}
	return made
}

// reserve counts lines that are going to be there, or returns the limit that is in the way.
func (s *Set) reserve(lines int64) string {
	if s.lines.Add(lines) > MaxSeries {
		s.lines.Add(-lines)
		return fmt.Sprintf("the script has %d series", MaxSeries)
	}
	if s.store.lines.Add(lines) > MaxTotal {
		s.lines.Add(-lines)
		s.store.lines.Add(-lines)
		return fmt.Sprintf("all scripts together have %d series", MaxTotal)
	}
	return ""
}

// exceeded counts a value that was not to be taken as it is, and warns at the first one.
func (s *Set) exceeded(what string) {
	if s.over.Add(1) == 1 {
		s.store.warn(s.listener, s.script, what)
	}
}
