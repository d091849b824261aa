package lint

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// function is a function of the script; the file itself is one too.
type function struct {
	node     *ast.FunctionExpr // nil for the file
	parent   *function         // nil for the file
	name     string            // what it was first assigned to, "" if nothing
	params   []*variable       // with self in front for methods
	vararg   bool
	hooks    []string // the hooks it serves
	children []*function
}

// isHook reports whether the function serves the hook.
func (f *function) isHook(name string) bool { return slices.Contains(f.hooks, name) }

// variable is a local, a parameter, or a global.
type variable struct {
	name    string
	owner   *function // nil for a global
	line    int
	block   int  // 0: declared in the function's outermost block
	opaque  bool // holds values that no expression of the script shows: a parameter, a loop variable
	numeric bool // holds nothing but numbers
	defs    []def
	reads   []read
}

// def is one assignment to a variable. The expression is nil for nil; spread
// says that it is a later value of a call or of "...".
type def struct {
	expr   ast.Expr
	spread bool
}

type read struct {
	node *ast.IdentExpr
	fn   *function
}

// index is one x.key, x[key]; a method call is a call instead.
type index struct {
	node   *ast.AttrGetExpr
	fn     *function
	write  bool // the target of an assignment
	called bool // the function of a call
}

type call struct {
	node *ast.FuncCallExpr
	fn   *function
}

// assign is one target of one assignment statement that is not a declaration.
type assign struct {
	target ast.Expr
	value  ast.Expr // nil where unknown
	line   int
	fn     *function
	block  int  // 0: unconditional in its function
	lazy   bool // inside "if not x then", x being the variable it assigns
}

type result struct {
	stmt *ast.ReturnStmt
	fn   *function
}

// field is one name = value of a table constructor.
type field struct {
	name  string
	value ast.Expr
}

// model is what the resolver found out about a script.
type model struct {
	file      *function
	functions []*function // without the file
	byNode    map[*ast.FunctionExpr]*function
	globals   map[string]*variable
	variables []*variable // locals, parameters, globals
	idents    map[*ast.IdentExpr]*variable
	locals    map[ast.Stmt][]*variable // of local and for statements
	methods   map[string][]*function   // functions assigned to a field, by its name
	written   map[string]bool          // every field name given a value, in a table constructor too
	unsure    map[string]bool          // those of them that may hold a function from elsewhere
	keyed     map[*variable]bool       // tables filled under names the script does not spell out
	fields    []field
	indexes   []index
	calls     []call
	assigns   []assign
	results   []result
}

// constant returns the text an expression always has: a string literal, or a
// variable that is given one such and nothing else.
func (m *model) constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.StringExpr:
		return e.Value, true
	case *ast.IdentExpr:
		if s, ok := m.soleValue(e).(*ast.StringExpr); ok {
			return s.Value, true
		}
	}
	return "", false
}

// soleValue returns the only expression ever assigned to a local, or nil.
func (m *model) soleValue(e *ast.IdentExpr) ast.Expr {
	v := m.idents[e]
	if v == nil || v.owner == nil || v.opaque {
		return nil
	}
	var only ast.Expr
	for _, d := range v.defs {
		if isNil(d.expr) {
			continue
		}
		if only != nil || d.spread {
			return nil
		}
		only = d.expr
	}
	return only
}

func isNil(e ast.Expr) bool {
	_, ok := e.(*ast.NilExpr)
	return ok || e == nil
}

// globalName returns the name of the global an expression is, be it written
// name, _G.name, or through a local that is nothing else; "" if it is none.
func (m *model) globalName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if v := m.idents[e]; v != nil && v.owner == nil {
			return v.name
		}
		if alias, ok := m.soleValue(e).(*ast.IdentExpr); ok {
			if v := m.idents[alias]; v != nil && v.owner == nil {
				return v.name
			}
		}
	case *ast.AttrGetExpr:
		return m.throughG(e)
	}
	return ""
}

// throughG returns the name in _G.name and _G["name"], "" for anything else.
func (m *model) throughG(e *ast.AttrGetExpr) string {
	id, ok := e.Object.(*ast.IdentExpr)
	if !ok || id.Value != "_G" || m.idents[id] == nil || m.idents[id].owner != nil {
		return ""
	}
	name, _ := m.constant(e.Key)
	return name
}

// functionsOf returns the functions of the script that an expression may be;
// known is false if it may be something else as well.
func (m *model) functionsOf(e ast.Expr) (fns []*function, known bool) {
	switch e := e.(type) {
	case *ast.FunctionExpr:
		return []*function{m.byNode[e]}, true
	case *ast.NilExpr:
		return nil, true
	case *ast.IdentExpr:
		return m.functionsIn(m.idents[e])
	case *ast.LogicalOpExpr:
		left, lk := m.functionsOf(e.Lhs)
		right, rk := m.functionsOf(e.Rhs)
		return append(left, right...), lk && rk
	case *ast.AttrGetExpr:
		return m.functionsAt(e)
	}
	return nil, false
}

// functionsIn looks at the direct definitions of a variable only: following
// aliases of aliases could go round in circles.
func (m *model) functionsIn(v *variable) (fns []*function, known bool) {
	if v == nil {
		return nil, false
	}
	const most = 64 // a variable set more often than that is anyone's guess
	known = !v.opaque && 0 < len(v.defs) && len(v.defs) <= most
	for _, d := range v.defs[:min(len(v.defs), most)] {
		if fn, ok := d.expr.(*ast.FunctionExpr); ok && !d.spread {
			fns = append(fns, m.byNode[fn])
			continue
		}
		if !isNil(d.expr) {
			known = false
		}
	}
	return fns, known
}

// functionsAt matches by field name: any function of the script ever stored
// under it. That is all there is to know only for a table made here.
func (m *model) functionsAt(e *ast.AttrGetExpr) (fns []*function, known bool) {
	if name := m.throughG(e); name != "" {
		return m.functionsIn(m.globals[name])
	}
	name, ok := m.constant(e.Key)
	if !ok {
		return nil, false
	}
	return m.methods[name], m.madeHere(e.Object) && len(m.methods[name]) > 0 && !m.unsure[name]
}

// madeHere reports whether an expression is a local that holds a table this
// script constructs, all fields of which it names.
func (m *model) madeHere(e ast.Expr) bool {
	id, ok := e.(*ast.IdentExpr)
	if !ok || m.keyed[m.idents[id]] {
		return false
	}
	_, ok = m.soleValue(id).(*ast.TableExpr)
	return ok
}

// module returns the name of the module an expression comes from, where it is
// require "name", a local that holds it, or a member of either; otherwise "".
func (m *model) module(e ast.Expr) string {
	for {
		attr, ok := e.(*ast.AttrGetExpr)
		if !ok {
			break
		}
		e = attr.Object
	}
	if id, ok := e.(*ast.IdentExpr); ok {
		e = m.soleValue(id)
	}
	if c, ok := e.(*ast.FuncCallExpr); ok && c.Func != nil && m.globalName(c.Func) == "require" && len(c.Args) > 0 {
		name, _ := m.constant(c.Args[0])
		return name
	}
	return ""
}

// discreet are the built-in modules whose objects hand on nothing of the conn that they are given.
var discreet = map[string]bool{"greylist": true}

// maker names the discreet module that made the object in a variable, or the module that an expression is part of; "" for neither.
func (m *model) maker(e ast.Expr) string {
	if id, ok := e.(*ast.IdentExpr); ok {
		if c, ok := m.soleValue(id).(*ast.FuncCallExpr); ok && c.Func != nil {
			if name := m.module(c.Func); discreet[name] {
				return name
			}
		}
	}
	return m.module(e)
}

// isModule reports a file that returns something to whoever requires it.
func (m *model) isModule() bool {
	for _, r := range m.results {
		if r.fn == m.file && len(r.stmt.Exprs) > 0 {
			return true
		}
	}
	return false
}
