package lint

import "github.com/yuin/gopher-lua/ast"

// kind says what a value may be, as bits.
type kind uint8

const (
	data   kind = 1 << iota // conn, msg, headers, neg, or a header field
	macros                  // conn.macros
)

// inner are the fields and methods of data that lead to more of it.
var inner = map[string]bool{
	"connection": true, "headers": true, "offered": true, "conn": true, "msg": true,
}

// objectArgs are the hooks whose second argument is an object; in the others
// it is a string, which has no facts.
var objectArgs = map[string]bool{"eoh": true, "eom": true}

// flow follows conn and its kin through the script. It pays no heed to order:
// what a variable may ever hold, it may hold everywhere. The tree is walked
// until nothing is learned any more, and once again to take down the results.
type flow struct {
	*model
	vars    map[*variable]kind
	stored  map[string]kind // in fields, by name
	elems   kind            // in fields without a name
	returns map[*function]kind
	// the kinds of a value out of any field, and of any function's result
	anyStored, anyReturned kind
	all                    bool // conn got away: any parameter may be it
	shared                 bool // the file is a module: what its functions return goes to whoever calls them
	changed                bool
	taking                 bool // the last walk
	fn                     *function

	computed []int
	macros   map[string][]int
	anyMacro []int
	passed   []Pass
}

// trace finds out where the script uses conn and macros in ways that names do
// not tell.
func trace(m *model, stmts []ast.Stmt) *flow {
	f := &flow{model: m, vars: map[*variable]kind{}, stored: map[string]kind{},
		returns: map[*function]kind{}, macros: map[string][]int{}, all: m.isModule(), shared: m.isModule(), changed: true}
	f.seed()
	for pass := 0; f.changed; pass++ {
		f.changed = false
		if pass == maxPasses {
			f.assumeAll()
		}
		f.walk(stmts)
	}
	f.taking = true
	f.walk(stmts)
	f.computed = sortedSet(f.computed)
	f.anyMacro = sortedSet(f.anyMacro)
	return f
}

// assumeAll ends a search that takes too long: everything may be conn.
func (f *flow) assumeAll() {
	for _, v := range f.variables {
		f.vars[v] = data | macros
	}
	for name := range f.written {
		f.stored[name] |= data
	}
	f.elems |= data
	f.anyStored, f.anyReturned = data, data
	f.all = true
	for _, fn := range f.functions {
		f.returns[fn] |= data
	}
}

// seed marks what hooks are called with.
func (f *flow) seed() {
	for _, fn := range f.functions {
		for _, hook := range fn.hooks {
			f.give(fn, 0, data)
			if objectArgs[hook] {
				f.give(fn, 1, data)
			}
		}
	}
	if g := f.globals["_G"]; g != nil && f.bareG(g) {
		f.all = true // hooks may be set under any name
	}
}

// bareG reports a use of _G other than _G.name.
func (f *flow) bareG(g *variable) bool {
	named := 0
	for _, ix := range f.indexes {
		if f.throughG(ix.node) != "" {
			named++
		}
	}
	return len(g.reads) > named
}

func (f *flow) walk(stmts []ast.Stmt) {
	f.fn = f.file
	if f.all {
		f.giveAll()
	}
	f.stmts(stmts)
}

// giveAll lets every parameter be conn, but for those of hooks that only the
// host calls: seed knows these better.
func (f *flow) giveAll() {
	for _, fn := range f.functions {
		if len(fn.hooks) > 0 && f.onlyHook(fn) {
			continue
		}
		for i := range fn.params {
			f.give(fn, i, data)
		}
	}
}

func (f *flow) onlyHook(fn *function) bool {
	for _, hook := range fn.hooks {
		if v := f.globals[hook]; v != nil && len(v.reads) > 0 {
			return false
		}
	}
	return fn.hooks[0] == fn.name || len(fn.name) == 0
}

// give lets the i-th parameter of a function be of a kind.
func (f *flow) give(fn *function, i int, k kind) {
	if i < len(fn.params) {
		f.set(fn.params[i], k)
	} else if fn.vararg && k&data != 0 {
		f.escape(fn.node.Line(), "")
	}
}

func (f *flow) set(v *variable, k kind) {
	if v != nil && k&^f.vars[v] != 0 {
		f.vars[v] |= k
		f.changed = true
	}
}

// escape notes that conn got where it cannot be followed.
func (f *flow) escape(line int, module string) {
	if !f.all {
		f.all, f.changed = true, true
	}
	f.note(line, module)
}

func (f *flow) note(line int, module string) {
	if f.taking {
		f.passed = append(f.passed, Pass{line, module})
	}
}

func (f *flow) lostMacros(line int) {
	if f.taking {
		f.anyMacro = append(f.anyMacro, line)
	}
}

// lose is for values that go where they cannot be followed.
func (f *flow) lose(k kind, line int, module string) {
	if k&data != 0 {
		f.escape(line, module)
	}
	if k&macros != 0 {
		f.lostMacros(line)
	}
}

// index is the kind of x[key], x being of kind k.
func (f *flow) index(k kind, e *ast.AttrGetExpr) kind {
	if name := f.throughG(e); name != "" {
		return f.vars[f.globals[name]]
	}
	name, known := f.constant(e.Key)
	switch {
	case known:
		return f.named(k, name, keyLine(e))
	case f.isNumeric(e.Key):
		return k&data | f.elems
	}
	if f.taking && k&data != 0 {
		f.computed = append(f.computed, keyLine(e))
	}
	if k&macros != 0 {
		f.lostMacros(keyLine(e))
	}
	return k&data | f.anyStored
}

func (f *flow) named(k kind, name string, line int) kind {
	out := f.stored[name] | f.elems
	if name == "macros" {
		out |= macros
	}
	if k&data != 0 && inner[name] {
		out |= data
	}
	if f.taking && k&macros != 0 {
		name = macroName(name)
		f.macros[name] = append(f.macros[name], line)
	}
	return out
}

// store follows a value into a variable or a field.
func (f *flow) store(target ast.Expr, k kind) {
	switch t := target.(type) {
	case *ast.IdentExpr:
		v := f.idents[t]
		f.set(v, k)
		if v.owner == nil {
			f.lose(k, t.Line(), "")
		}
	case *ast.AttrGetExpr:
		obj := f.expr(t.Object)
		f.expr(t.Key)
		f.index(obj, t)
		if name := f.throughG(t); name != "" {
			f.set(f.globals[name], k)
		} else if name, known := f.constant(t.Key); known {
			f.keep(name, k)
		} else {
			f.keepUnnamed(k)
		}
		f.lose(k, t.Line(), "")
	}
}

// storeFunction: a function kept in conn is called by whoever has conn.
func (f *flow) storeFunction(target, value ast.Expr) {
	attr, ok := target.(*ast.AttrGetExpr)
	if !ok || value == nil || f.kindOf(attr.Object)&data == 0 {
		return
	}
	if module := f.module(value); module != "" {
		f.note(value.Line(), module)
	}
	f.callBack([]ast.Expr{value})
}

// kindOf is the kind of a variable, or of a field of one.
func (f *flow) kindOf(e ast.Expr) kind {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return f.vars[f.idents[e]]
	case *ast.AttrGetExpr:
		if name, known := f.constant(e.Key); known && inner[name] {
			return f.kindOf(e.Object)
		}
	}
	return 0
}

func (f *flow) keep(name string, k kind) {
	if k &= data; k&^f.stored[name] != 0 {
		f.stored[name] |= k
		f.anyStored |= k
		f.changed = true
	}
}

func (f *flow) keepUnnamed(k kind) {
	if k &= data; k&^f.elems != 0 {
		f.elems |= k
		f.anyStored |= k
		f.changed = true
	}
}
