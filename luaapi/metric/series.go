package metric

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"
)

// series are the numbers of one combination of values.
type series struct {
	values  []string        // of the labels, in their order
	number  number          // the sum, or the last value
	classes []atomic.Uint64 // of a histogram: how many values each class has
}

// take takes a value.
func (s *series) take(k Kind, value float64) {
	switch k {
	case Counter:
		s.number.add(value)
	case Gauge:
		s.number.set(value)
	case Histogram:
		s.classes[class(value)].Add(1)
		s.number.add(value)
	}
}

// number is a float64 that any goroutine can change. It stays finite, so that everyone can read what is made of it.
type number struct{ bits atomic.Uint64 }

func (n *number) get() float64  { return math.Float64frombits(n.bits.Load()) }
func (n *number) set(f float64) { n.bits.Store(math.Float64bits(f)) }

func (n *number) add(f float64) {
	for {
		old := n.bits.Load()
		sum := math.Float64frombits(old) + f
		if math.IsInf(sum, 0) {
			sum = math.Copysign(math.MaxFloat64, sum)
		}
		if n.bits.CompareAndSwap(old, math.Float64bits(sum)) {
			return
		}
	}
}

// metric are the series of a name, a kind and names of labels.
type metric struct {
	name   string
	kind   Kind
	labels []string // names, sorted
	other  string   // the key of the series for what is beyond a limit
	took   uint64   // when a version took it up last; guarded by Store.mu

	mu     sync.RWMutex
	series map[string]*series // by key
}

func newMetric(k Kind, name string, labels []string) *metric {
	other := make([]Label, len(labels))
	for i := range other {
		other[i].Value = Other
	}
	return &metric{name: strings.Clone(name), kind: k, labels: labels, other: string(appendKey(nil, other)), series: map[string]*series{}}
}

// find returns the series of a key, nil if there is none yet.
func (m *metric) find(key []byte) *series {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.series[string(key)]
}

// make returns the series of a key, a new one if need be. Where may says no to that, it is the one for what is beyond a limit.
func (m *metric) make(key []byte, may func(lines int64) bool) *series {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.series[string(key)]; s != nil {
		return s
	}
	if string(key) == m.other || may(m.kind.lines()) { // of those of the first kind there is one for each metric
		return m.insert(string(key))
	}
	if s := m.series[m.other]; s != nil {
		return s
	}
	return m.insert(m.other)
}

func (m *metric) insert(key string) *series {
	s := &series{}
	if len(m.labels) > 0 {
		s.values = strings.Split(key, string([]byte{separator}))
	}
	if m.kind == Histogram {
		s.classes = make([]atomic.Uint64, classes)
	}
	m.series[key] = s
	return s
}
