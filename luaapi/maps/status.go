package maps

import (
	"cmp"
	"slices"
)

// Status is what monitoring is told of the maps of one name and kind.
type Status struct {
	Map     string // the name
	Kind    string
	Entries int
	Bytes   int64
	Loads   int64            // lists that were read
	Failed  int64            // that could not be
	Broken  error            // why the list is not the newest; nil if it is
	Lookups map[string]int64 // in servers, by what came of them; nil for a map in memory
}

// Status returns the status of the maps of the pool, sorted.
func (p *Pool) Status() []Status {
	sums := map[[2]string]*Status{}
	for _, m := range p.all() {
		key := [2]string{m.Name(), m.Kind().String()}
		if sums[key] == nil {
			sums[key] = &Status{Map: key[0], Kind: key[1]}
		}
		m.count(sums[key])
	}
	all := make([]Status, 0, len(sums))
	for _, s := range sums {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Status) int { return cmp.Or(cmp.Compare(a.Map, b.Map), cmp.Compare(a.Kind, b.Kind)) })
	return all
}

// count adds a map to a status.
func (m *Map) count(s *Status) {
	if list := m.list.Load(); list != nil {
		s.Entries += (*list).Len()
		s.Bytes += (*list).Bytes()
	}
	if m.ask != nil {
		if s.Lookups == nil {
			s.Lookups = map[string]int64{}
		}
		for o := range numOutcomes {
			s.Lookups[o.String()] += m.ask.counts[o].Load()
		}
	}
	s.Loads, s.Failed = s.Loads+m.loads.Load(), s.Failed+m.failed.Load()
	if err := m.broken.Load(); err != nil && s.Broken == nil {
		s.Broken = *err
	}
}
