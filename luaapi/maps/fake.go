package maps

import "luamilter/luaapi/maps/format"

// Fake has the maps of a source answer from entries, also those that are open already. The source is written as the script has it. It is for
// tests of scripts: nothing is read and no server is asked.
func (p *Pool) Fake(source string, entries []format.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	faked := map[string][]format.Entry{source: entries}
	if before := p.faked.Load(); before != nil {
		for other, entries := range *before {
			if other != source {
				faked[other] = entries
			}
		}
	}
	p.faked.Store(&faked)
}

// Unfake takes all fakes back.
func (p *Pool) Unfake() { p.faked.Store(nil) }

// fake returns the entries that stand in for a source.
func (p *Pool) fake(s *Spec) ([]format.Entry, bool) {
	faked := p.faked.Load()
	if faked == nil {
		return nil, false
	}
	entries, ok := (*faked)[s.given]
	return entries, ok
}

// fromFake looks a key up in what stands in for a list.
func fromFake(entries []format.Entry, s *Spec, key string) (value string, found bool, err error) {
	list, err := fromEntries(s, entries)
	if err != nil {
		return "", false, err
	}
	return list.Find(key)
}

// fromEntries makes a list of entries that are in no file.
func fromEntries(s *Spec, entries []format.Entry) (Loaded, error) {
	b, err := newBuilder(s.Kind, format.Lines, s.Fold, "")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := b.add(e); err != nil {
			return nil, err
		}
	}
	return b.done()
}
