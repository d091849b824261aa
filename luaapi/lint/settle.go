package lint

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// hookArgs is what each hook is called with, conn included.
var hookArgs = map[string]int{
	"negotiate": 1, "connect": 1, "helo": 2, "mail": 3, "rcpt": 3, "data": 1,
	"header": 3, "eoh": 2, "body": 2, "eom": 2, "abort": 1, "close": 1, "unknown": 2,
}

// maxPasses bounds the searches that repeat until nothing changes. Scripts
// need three or four; what needs more is not worth following, and is taken for
// the worst.
const maxPasses = 40

// nameFields lists the functions stored in fields, and the names of all
// fields that are given a value. It runs last, when every constant is known.
func (r *resolver) nameFields() {
	for _, f := range r.fields {
		r.nameField(f.name, f.value)
	}
	for _, a := range r.assigns {
		attr, ok := a.target.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		if name, ok := r.constant(attr.Key); ok {
			r.nameField(name, a.value)
			continue
		}
		if id, ok := attr.Object.(*ast.IdentExpr); ok && !r.isNumeric(attr.Key) {
			r.keyed[r.idents[id]] = true
		}
	}
}

func (r *resolver) nameField(name string, value ast.Expr) {
	r.written[name] = true
	fns, known := r.plainFunctions(value)
	r.methods[name] = append(r.methods[name], fns...)
	if !known {
		r.unsure[name] = true
	}
}

// plainFunctions is functionsOf without looking into fields.
func (r *resolver) plainFunctions(e ast.Expr) ([]*function, bool) {
	if _, ok := e.(*ast.AttrGetExpr); ok {
		return nil, false
	}
	return r.functionsOf(e)
}

// settleNumeric finds the locals that hold nothing but numbers: it takes all
// for numeric that could be, and strikes out until no more go.
func (r *resolver) settleNumeric() {
	for _, v := range r.variables {
		if v.owner != nil && !v.opaque && len(v.defs) > 0 {
			v.numeric = true
		}
	}
	for pass := 0; r.strikeNumeric(pass == maxPasses); pass++ {
	}
}

func (r *resolver) strikeNumeric(all bool) (changed bool) {
	for _, v := range r.variables {
		if !v.numeric {
			continue
		}
		for _, d := range v.defs {
			if all || d.spread || !isNil(d.expr) && !r.isNumeric(d.expr) {
				v.numeric, changed = false, true
			}
		}
	}
	return changed
}

// isNumeric reports an expression that can only be a number (or nil).
func (m *model) isNumeric(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.NumberExpr, *ast.ArithmeticOpExpr, *ast.UnaryMinusOpExpr, *ast.UnaryLenOpExpr:
		return true
	case *ast.IdentExpr:
		v := m.idents[e]
		return v != nil && v.numeric
	case *ast.LogicalOpExpr:
		return m.isNumeric(e.Lhs) && m.isNumeric(e.Rhs)
	case *ast.FuncCallExpr:
		return e.Func != nil && m.globalName(e.Func) == "tonumber"
	}
	return false
}

// nameHooks tells functions which hooks they serve.
func (r *resolver) nameHooks() {
	for _, a := range r.assigns {
		hook := r.hookTarget(a.target)
		if hook == "" {
			continue
		}
		fns, _ := r.functionsOf(a.value)
		for _, fn := range fns {
			if !slices.Contains(fn.hooks, hook) {
				fn.hooks = append(fn.hooks, hook)
			}
		}
	}
}

// hookTarget returns the hook that an assignment to this target sets, or "".
func (m *model) hookTarget(target ast.Expr) string {
	name := ""
	switch t := target.(type) {
	case *ast.IdentExpr:
		if v := m.idents[t]; v != nil && v.owner == nil {
			name = v.name
		}
	case *ast.AttrGetExpr:
		name = m.throughG(t)
	}
	if _, ok := hookArgs[name]; !ok {
		return ""
	}
	return name
}
