package lint

import (
	"fmt"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// named is how an error names what is wrong: field 'x', global 'x'. The zero value names nothing.
type named struct {
	what   string // "global", "local", "upvalue", "field" or "method"
	name   string
	object ast.Expr // of a field or method
}

// String returns the name as Lua puts it behind an error, "" for none.
func (n named) String() string {
	if n.name == "" {
		return ""
	}
	return fmt.Sprintf(" (%s '%s')", n.what, shorten(n.name))
}

// describe names an expression, as far as it has a name.
func (m *model) describe(e ast.Expr) named {
	switch e := e.(type) {
	case *ast.IdentExpr:
		v := m.idents[e]
		switch {
		case v == nil:
		case v.owner == nil:
			return named{what: "global", name: v.name}
		case m.readBy(v, e) == v.owner:
			return named{what: "local", name: v.name}
		default:
			return named{what: "upvalue", name: v.name}
		}
	case *ast.AttrGetExpr:
		if name := m.throughG(e); name != "" {
			return named{what: "global", name: name}
		}
		if name, ok := m.constant(e.Key); ok {
			return named{what: "field", name: name, object: e.Object}
		}
	}
	return named{}
}

// readBy returns the function that reads a variable there.
func (m *model) readBy(v *variable, e *ast.IdentExpr) *function {
	for _, r := range v.reads {
		if r.node == e {
			return r.fn
		}
	}
	return nil
}

// sole names the expression among several that is of a kind, if no other can be; "" is any kind.
func (m *model) sole(exprs []ast.Expr, kind string) named {
	var names []named
	for _, e := range exprs {
		if is := m.literalKind(e); is == "" || kind == "" || is == kind {
			names = append(names, m.describe(e))
		}
	}
	return only(names)
}

// only returns the name that all have.
func only(names []named) named {
	for _, n := range names[:max(0, len(names)-1)] {
		if last := names[len(names)-1]; n.what != last.what || n.name != last.name {
			return named{}
		}
	}
	if len(names) == 0 {
		return named{}
	}
	return names[0]
}

// literalKind is the kind of value that an expression has, whatever happens; "" if that depends.
func (m *model) literalKind(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StringExpr, *ast.StringConcatOpExpr:
		return "string"
	case *ast.NumberExpr, *ast.ArithmeticOpExpr, *ast.UnaryMinusOpExpr, *ast.UnaryLenOpExpr:
		return "number"
	case *ast.TrueExpr, *ast.FalseExpr, *ast.RelationalOpExpr, *ast.UnaryNotOpExpr:
		return "boolean"
	case *ast.TableExpr:
		return "table"
	case *ast.FunctionExpr:
		return "function"
	case *ast.NilExpr:
		return "nil"
	case *ast.IdentExpr:
		v := m.idents[e]
		if v == nil || v.owner == nil || v.opaque || len(v.defs) != 1 || v.defs[0].spread {
			return ""
		}
		if _, alias := v.defs[0].expr.(*ast.IdentExpr); alias || v.defs[0].expr == nil {
			return ""
		}
		return m.literalKind(v.defs[0].expr)
	}
	return ""
}

// surelyNil reports what nobody gives a value: a global that is not set, a function that a library does not have.
func (c *checker) surelyNil(n named) bool {
	switch n.what {
	case "global":
		return c.unset(n.name)
	case "field":
		lib := c.globalName(n.object)
		return c.api.Members[lib] != nil && !slices.Contains(c.api.Members[lib], n.name) && !c.written[n.name]
	case "method":
		return c.src.flow.kindOf(n.object)&data != 0 && !slices.Contains(c.methods(), n.name) && !c.written[n.name]
	}
	return false
}

// unset reports a global that no file of the script sets.
func (c *checker) unset(name string) bool {
	return !c.known[name] && !c.isSet(name) && !c.declaredElsewhere(name) && !c.openAnywhere()
}

// methods are those of conn, msg, headers and neg.
func (c *checker) methods() []string { return slices.Concat(c.api.Actions, c.api.Methods) }

// hint says what may have been meant by a name that is nil.
func (c *checker) hint(n named) string {
	if n.what == "global" {
		return c.hintGlobal(n.name)
	}
	if n.what != "field" && n.what != "method" || c.written[n.name] {
		return ""
	}
	lib := c.globalName(n.object)
	members, isLibrary := c.api.Members[lib]
	isLibrary = isLibrary && len(members) > 0
	switch {
	case isLibrary && lacking[lib+"."+n.name]:
		return lib + "." + n.name + " is not available to scripts"
	case isLibrary:
		if near := Nearest(n.name, members); near != "" {
			return didYouMean(lib + "." + near)
		}
		return ""
	}
	return didYouMean(Nearest(n.name, c.fieldNames(n)))
}

func (c *checker) hintGlobal(name string) string {
	switch {
	case !c.unset(name):
		return ""
	case lacking[name]:
		return name + " is not available to scripts"
	case slices.Contains(c.api.Modules, name):
		return "write local " + name + " = require \"" + name + "\" first"
	case c.hasLocal(name):
		return "local " + shorten(name) + " is declared, but not above this or not around it"
	}
	return didYouMean(Nearest(name, c.globalNames()))
}

// hasLocal reports that some variable in the file has the name.
func (c *checker) hasLocal(name string) bool {
	return slices.ContainsFunc(c.variables, func(v *variable) bool { return v.owner != nil && v.name == name })
}

// fieldNames are the names that a mistyped field or method may have been meant to be.
func (c *checker) fieldNames(n named) []string {
	var names []string
	for name := range c.written {
		names = append(names, name)
	}
	slices.Sort(names)
	switch {
	case c.src.flow.kindOf(n.object)&data != 0:
		names = append(c.methods(), names...)
	case n.what == "method":
		names = append(slices.Clone(c.api.Members["string"]), names...)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == n.name })
}
