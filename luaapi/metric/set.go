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
	limit := ""
	made := m.make(key, func(lines int64) bool {
		limit = s.reserve(lines)
		return limit == ""
	})
	if limit != "" {
		s.exceeded(m.name, limit)
	}
	return made
}

// What is said when a limit is reached.
var (
	tooManyNames = fmt.Sprintf("the script has %d metrics already, so this one is not kept. Put what varies into a label instead of the name", MaxNames)
	tooMany      = fmt.Sprintf("the script has %d series already", MaxSeries) + otherwise
	tooManyInAll = fmt.Sprintf("all scripts together have %d series already", MaxTotal) + otherwise
)

const otherwise = `; further ones are counted with the value "other". Use labels with few values`

// reserve counts lines that are going to be there, or says which limit is in the way.
func (s *Set) reserve(lines int64) string {
	if s.lines.Add(lines) > MaxSeries {
		s.lines.Add(-lines)
		return tooMany
	}
	if s.store.lines.Add(lines) > MaxTotal {
		s.lines.Add(-lines)
		s.store.lines.Add(-lines)
		return tooManyInAll
	}
	return ""
}

// exceeded counts a value that was not to be taken as it is, and warns at the first one.
func (s *Set) exceeded(metric, limit string) {
	if s.over.Add(1) == 1 {
		s.store.warn(s.listener, s.script, metric+": "+limit)
	}
}
