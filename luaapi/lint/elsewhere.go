package lint

import (
	"maps"
	"slices"
)

// Globals are the globals that a file shares with the other files of its script.
type Globals struct {
	Set  []string
	Read []string
	Open bool // it may set others, in ways that the text does not show

	anyKey  bool // it may give conn values under names that the text does not show
	gives   given
	written map[string]bool // names of the fields of any table that it gives a value
}

// Globals returns the globals of this file.
func (s *Source) Globals() Globals {
	set, read := map[string]bool{}, map[string]bool{}
	for _, a := range s.model.assigns {
		if v := s.model.globalTarget(a.target); v != nil {
			set[v.name] = true
		}
	}
	for name, lines := range s.globals {
		if len(lines) > 0 {
			read[name] = true
		}
	}
	return Globals{slices.Sorted(maps.Keys(set)), slices.Sorted(maps.Keys(read)), s.openGlobals(), s.openKeys(), s.given(), s.model.written}
}

// openGlobals reports a file that makes globals in ways the text does not show.
func (s *Source) openGlobals() bool {
	for _, name := range []string{"setfenv", "load", "loadstring", "rawset"} {
		if v := s.model.globals[name]; v != nil && len(v.reads) > 0 && (name != "rawset" || s.model.globals["_G"] != nil) {
			return true
		}
	}
	g := s.model.globals["_G"]
	return g != nil && s.flow.bareG(g)
}

// declaredElsewhere reports a global that another file of the script sets.
func (c *checker) declaredElsewhere(name string) bool {
	return slices.ContainsFunc(c.api.Others, func(g Globals) bool { return slices.Contains(g.Set, name) })
}

// readElsewhere reports a global that another file of the script reads.
func (c *checker) readElsewhere(name string) bool {
	return slices.ContainsFunc(c.api.Others, func(g Globals) bool { return slices.Contains(g.Read, name) })
}

// openAnywhere reports a script whose globals the text does not show.
func (c *checker) openAnywhere() bool {
	return c.src.openGlobals() || slices.ContainsFunc(c.api.Others, func(g Globals) bool { return g.Open })
}
