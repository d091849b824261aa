package metric

import (
	"cmp"
	"maps"
	"slices"
)

// Script is what a Set holds at a moment.
type Script struct {
	Listener, Script string
	Over             uint64 // values that came beyond a limit
	Metrics          []Reading
}

// Reading is one metric, with its series sorted by their labels.
type Reading struct {
	Name   string
	Kind   Kind
	Labels []string // names
	Hidden bool     // a metric of that name, but of another kind, was taken up later, by this script or another
	Series []Series
}

// Series is one combination of values.
type Series struct {
	Values  []string // of the labels, in the order of their names
	Value   float64  // of a counter or gauge; the sum of a histogram's values
	Classes []uint64 // of a histogram: how many values were up to each of Bounds and above the one before; the last is for those above all
}

// Read returns everything, sorted by listener, script and name.
func (s *Store) Read() []Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	latest := s.latest()
	var out []Script
	for _, set := range s.sets {
		one := Script{Listener: set.listener, Script: set.script, Over: set.over.Load()}
		for _, m := range set.metrics {
			one.Metrics = append(one.Metrics, m.read(latest[m.name] != m.kind))
		}
		slices.SortFunc(one.Metrics, func(a, b Reading) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind), slices.Compare(a.Labels, b.Labels))
		})
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Script) int {
		return cmp.Or(cmp.Compare(a.Listener, b.Listener), cmp.Compare(a.Script, b.Script))
	})
	return out
}

// latest returns the kind that each name has: where scripts differ, the one that was taken up last.
func (s *Store) latest() map[string]Kind {
	last := map[string]*metric{}
	for _, set := range s.sets {
		for _, m := range set.metrics {
			if l := last[m.name]; l == nil || l.took < m.took {
				last[m.name] = m
			}
		}
	}
	kinds := map[string]Kind{}
	for name, m := range last {
		kinds[name] = m.kind
	}
	return kinds
}

func (m *metric) read(hidden bool) Reading {
	r := Reading{Name: m.name, Kind: m.kind, Labels: m.labels, Hidden: hidden}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(m.series)) {
		r.Series = append(r.Series, m.series[key].read())
	}
	return r
}

func (s *series) read() Series {
	out := Series{Values: s.values, Value: s.number.get()}
	for i := range s.classes {
		out.Classes = append(out.Classes, s.classes[i].Load())
	}
	return out
}
