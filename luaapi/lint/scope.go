package lint

import "github.com/yuin/gopher-lua/ast"

// scope is one block's names; a later local hides an earlier one.
type scope struct {
	outer *scope
	names map[string]*variable
}

func (s *scope) find(name string) *variable {
	for ; s != nil; s = s.outer {
		if v := s.names[name]; v != nil {
			return v
		}
	}
	return nil
}

// resolver walks the tree once, in the order Lua declares names, and fills the
// model.
type resolver struct {
	*model
	fn     *function
	scope  *scope
	block  int         // blocks around this point, within fn
	absent []*variable // variables found nil or false by the ifs around this point
}

// resolve finds out which identifier is which variable, and lists every use.
func resolve(stmts []ast.Stmt) *model {
	r := &resolver{model: &model{
		file:    &function{vararg: true},
		byNode:  map[*ast.FunctionExpr]*function{},
		globals: map[string]*variable{},
		idents:  map[*ast.IdentExpr]*variable{},
		locals:  map[ast.Stmt][]*variable{},
		methods: map[string][]*function{},
		written: map[string]bool{},
		unsure:  map[string]bool{},
		keyed:   map[*variable]bool{},
	}}
	r.fn = r.file
	r.open()
	r.stmts(stmts)
	r.settleNumeric()
	r.nameFields()
	r.nameHooks()
	return r.model
}

func (r *resolver) open() {
	r.scope = &scope{outer: r.scope, names: map[string]*variable{}}
}

func (r *resolver) close() { r.scope = r.scope.outer }

// inBlock resolves a nested block, in a scope of its own.
func (r *resolver) inBlock(stmts []ast.Stmt) {
	r.open()
	r.block++
	r.stmts(stmts)
	r.block--
	r.close()
}

func (r *resolver) stmts(stmts []ast.Stmt) {
	for _, s := range stmts {
		r.stmt(s)
	}
}

func (r *resolver) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		r.assign(s)
	case *ast.LocalAssignStmt:
		r.local(s)
	case *ast.FuncCallStmt:
		r.expr(s.Expr)
	case *ast.DoBlockStmt:
		r.open() // runs once, like what is around it
		r.stmts(s.Stmts)
		r.close()
	case *ast.WhileStmt:
		r.expr(s.Condition)
		r.inBlock(s.Stmts)
	case *ast.RepeatStmt:
		r.repeat(s)
	case *ast.IfStmt:
		r.branch(s)
	case *ast.NumberForStmt:
		r.exprs(s.Init, s.Limit, s.Step)
		r.loop(s, s.Stmts, s.Name)
		r.locals[s][0].numeric = true
	case *ast.GenericForStmt:
		r.exprs(s.Exprs...)
		r.loop(s, s.Stmts, s.Names...)
		if c, ok := s.Exprs[0].(*ast.FuncCallExpr); ok && c.Func != nil && r.globalName(c.Func) == "ipairs" {
			r.locals[s][0].numeric = true
		}
	case *ast.FuncDefStmt:
		r.define(s)
	case *ast.ReturnStmt:
		r.exprs(s.Exprs...)
		r.results = append(r.results, result{s, r.fn})
	}
}

// repeat: its condition sees the locals of its block.
func (r *resolver) repeat(s *ast.RepeatStmt) {
	r.open()
	r.block++
	r.stmts(s.Stmts)
	r.expr(s.Condition)
	r.block--
	r.close()
}

func (r *resolver) branch(s *ast.IfStmt) {
	r.expr(s.Condition)
	before := len(r.absent)
	if v := r.foundAbsent(s.Condition); v != nil {
		r.absent = append(r.absent, v)
	}
	r.inBlock(s.Then)
	r.absent = r.absent[:before]
	r.inBlock(s.Else)
}

// foundAbsent returns the variable that "not v" or "v == nil" tests.
func (r *resolver) foundAbsent(cond ast.Expr) *variable {
	var tested ast.Expr
	switch c := cond.(type) {
	case *ast.UnaryNotOpExpr:
		tested = c.Expr
	case *ast.RelationalOpExpr:
		if _, ok := c.Rhs.(*ast.NilExpr); ok && c.Operator == "==" {
			tested = c.Lhs
		}
	}
	if id, ok := tested.(*ast.IdentExpr); ok {
		return r.idents[id]
	}
	return nil
}

func (r *resolver) loop(s ast.Stmt, body []ast.Stmt, names ...string) {
	r.open()
	r.block++
	for _, name := range names {
		v := r.declare(name, s.Line())
		v.opaque = true
		r.locals[s] = append(r.locals[s], v)
	}
	r.stmts(body)
	r.block--
	r.close()
}

func (r *resolver) declare(name string, line int) *variable {
	v := &variable{name: name, owner: r.fn, line: line, block: r.block}
	r.scope.names[name] = v
	r.variables = append(r.variables, v)
	return v
}

func (r *resolver) local(s *ast.LocalAssignStmt) {
	if len(s.Names) == 1 && len(s.Exprs) == 1 {
		if fn, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
			r.localFunction(s, fn)
			return
		}
	}
	r.exprs(s.Exprs...)
	for i, name := range s.Names {
		v := r.declare(name, s.Line())
		v.defs = append(v.defs, valueAt(s.Exprs, i))
		r.locals[s] = append(r.locals[s], v)
	}
}

// localFunction: gopher-lua lets the function see its own name, also where it
// is written local f = function.
func (r *resolver) localFunction(s *ast.LocalAssignStmt, fn *ast.FunctionExpr) {
	v := r.declare(s.Names[0], s.Line())
	v.defs = append(v.defs, def{expr: fn})
	r.locals[s] = []*variable{v}
	r.function(fn, v.name, false)
}

// valueAt returns what the i-th name of an assignment gets.
func valueAt(exprs []ast.Expr, i int) def {
	switch {
	case i < len(exprs):
		return def{expr: exprs[i]}
	case openEnded(exprs):
		return def{expr: exprs[len(exprs)-1], spread: true}
	}
	return def{}
}

func (r *resolver) assign(s *ast.AssignStmt) {
	for i, e := range s.Rhs {
		if fn, ok := e.(*ast.FunctionExpr); ok && i < len(s.Lhs) {
			r.function(fn, r.label(s.Lhs[i]), false)
			continue
		}
		r.expr(e)
	}
	for i, target := range s.Lhs {
		r.target(target, valueAt(s.Rhs, i))
	}
}

// target records one assignment to a variable or a field.
func (r *resolver) target(target ast.Expr, d def) {
	a := assign{target: target, line: target.Line(), fn: r.fn, block: r.block}
	if !d.spread {
		a.value = d.expr
	}
	switch t := target.(type) {
	case *ast.IdentExpr:
		v := r.lookup(t)
		v.defs = append(v.defs, d)
		a.lazy = r.isAbsent(v)
	case *ast.AttrGetExpr:
		r.exprs(t.Object, t.Key)
		r.indexes = append(r.indexes, index{node: t, fn: r.fn, write: true})
		if name := r.throughG(t); name != "" {
			v := r.global(name)
			v.defs = append(v.defs, d)
		}
	}
	r.assigns = append(r.assigns, a)
}

func (r *resolver) isAbsent(v *variable) bool {
	for _, a := range r.absent {
		if a == v {
			return true
		}
	}
	return false
}

// define resolves "function name() end" in its three spellings.
func (r *resolver) define(s *ast.FuncDefStmt) {
	target := s.Name.Func
	if s.Name.Receiver != nil {
		key := &ast.StringExpr{Value: s.Name.Method}
		key.SetLine(s.Name.Receiver.Line())
		attr := &ast.AttrGetExpr{Object: s.Name.Receiver, Key: key}
		attr.SetLine(s.Name.Receiver.Line())
		target = attr
	}
	r.target(target, def{expr: s.Func}) // first: the function may call itself
	r.function(s.Func, r.label(target), s.Name.Receiver != nil)
}

// label names a function after what it is assigned to.
func (r *resolver) label(target ast.Expr) string {
	switch t := target.(type) {
	case *ast.IdentExpr:
		return t.Value
	case *ast.AttrGetExpr:
		if key, ok := t.Key.(*ast.StringExpr); ok {
			return key.Value
		}
	}
	return ""
}

func (r *resolver) function(e *ast.FunctionExpr, name string, method bool) {
	fn := &function{node: e, parent: r.fn, name: name, vararg: e.ParList.HasVargs}
	r.byNode[e] = fn
	r.functions = append(r.functions, fn)
	r.fn.children = append(r.fn.children, fn)

	block, absent := r.block, r.absent
	r.fn, r.block, r.absent = fn, 0, nil
	r.open()
	if method {
		r.param("self", e.Line())
	}
	for _, p := range e.ParList.Names {
		r.param(p, e.Line())
	}
	r.stmts(e.Stmts)
	r.close()
	r.fn, r.block, r.absent = fn.parent, block, absent
}

func (r *resolver) param(name string, line int) {
	v := r.declare(name, line)
	v.opaque = true
	r.fn.params = append(r.fn.params, v)
}

func (r *resolver) exprs(exprs ...ast.Expr) {
	for _, e := range exprs {
		if e != nil {
			r.expr(e)
		}
	}
}

func (r *resolver) expr(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IdentExpr:
		v := r.lookup(e)
		v.reads = append(v.reads, read{e, r.fn})
	case *ast.FunctionExpr:
		r.function(e, "", false)
	case *ast.AttrGetExpr:
		r.indexes = append(r.indexes, index{node: e, fn: r.fn})
		r.exprs(e.Object, e.Key)
	case *ast.FuncCallExpr:
		r.call(e)
	case *ast.TableExpr:
		r.table(e)
	default:
		eachChild(e, func(n ast.PositionHolder) { r.expr(n.(ast.Expr)) })
	}
}

func (r *resolver) call(e *ast.FuncCallExpr) {
	r.calls = append(r.calls, call{e, r.fn})
	if attr, ok := e.Func.(*ast.AttrGetExpr); ok {
		r.indexes = append(r.indexes, index{node: attr, fn: r.fn, called: true})
		r.exprs(attr.Object, attr.Key)
	} else {
		r.exprs(e.Func)
	}
	r.exprs(e.Receiver)
	r.exprs(e.Args...)
}

func (r *resolver) table(e *ast.TableExpr) {
	for _, f := range e.Fields {
		r.exprs(f.Key)
		if key, ok := f.Key.(*ast.StringExpr); ok {
			r.fields = append(r.fields, field{key.Value, f.Value})
			if fn, ok := f.Value.(*ast.FunctionExpr); ok {
				r.function(fn, key.Value, false)
				continue
			}
		}
		r.exprs(f.Value)
	}
}

// lookup binds an identifier, to a global if no local has its name.
func (r *resolver) lookup(e *ast.IdentExpr) *variable {
	v := r.scope.find(e.Value)
	if v == nil {
		v = r.global(e.Value)
	}
	r.idents[e] = v
	return v
}

func (r *resolver) global(name string) *variable {
	v := r.globals[name]
	if v == nil {
		v = &variable{name: name}
		r.globals[name] = v
		r.variables = append(r.variables, v)
	}
	return v
}
