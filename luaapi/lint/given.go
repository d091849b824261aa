package lint

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// given are the names that a file gives values to.
type given struct {
	keys    map[string]bool // of what may be conn
	members map[string]bool // of libraries: "string.trim", and "string.*" where the name is computed
}

// given looks at every assignment to a field. A table constructor makes neither conn nor a library.
func (s *Source) given() given {
	g := given{map[string]bool{}, map[string]bool{}}
	for _, a := range s.model.assigns {
		target, ok := a.target.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		name, named := s.model.constant(target.Key)
		lib := s.model.globalName(target.Object)
		if lib == "" {
			lib = s.model.module(target.Object)
		}
		if lib != "" && !named {
			name = "*"
		}
		if lib != "" {
			g.members[lib+"."+name] = true
		}
		_, plain := target.Object.(*ast.IdentExpr)
		if named && !(plain && s.flow.kindOf(target.Object)&data == 0) {
			g.keys[name] = true
		}
	}
	return g
}

// isKey reports a name that some file of the script gives a value in what may be conn.
func (c *checker) isKey(name string) bool {
	return c.gives.keys[name] || slices.ContainsFunc(c.api.Others, func(g Globals) bool { return g.gives.keys[name] })
}

// isOwn reports a function of a library that some file of the script replaces or adds.
func (c *checker) isOwn(lib, name string) bool {
	own := func(g given) bool { return g.members[lib+"."+name] || g.members[lib+".*"] }
	return own(c.gives) || slices.ContainsFunc(c.api.Others, func(g Globals) bool { return own(g.gives) })
}

// mayHave reports a member of an object that the script may have given it. Most objects cannot be given any.
func (c *checker) mayHave(object, name string) bool {
	switch object {
	case "conn":
		return c.isKey(name)
	case "string":
		return c.isOwn("string", name)
	}
	return false
}

// isWritten reports a name that some file of the script gives a value in any table.
func (c *checker) isWritten(name string) bool {
	return c.written[name] || slices.ContainsFunc(c.api.Others, func(g Globals) bool { return g.written[name] })
}
