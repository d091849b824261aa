package lint

import "github.com/yuin/gopher-lua/ast"

func (f *flow) stmts(stmts []ast.Stmt) {
	for _, s := range stmts {
		f.stmt(s)
	}
}

func (f *flow) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.LocalAssignStmt:
		kinds := f.values(s.Exprs, len(s.Names))
		for i, v := range f.locals[s] {
			f.set(v, kinds[i])
		}
	case *ast.FuncDefStmt:
		f.define(s)
	case *ast.GenericForStmt:
		f.iterate(s)
	case *ast.ReturnStmt:
		f.result(s)
	default:
		eachChild(s, f.node)
	}
}

func (f *flow) node(n ast.PositionHolder) {
	if s, ok := n.(ast.Stmt); ok {
		f.stmt(s)
		return
	}
	f.expr(n.(ast.Expr))
}

// values returns the kinds of n values taken from an expression list.
func (f *flow) values(exprs []ast.Expr, n int) []kind {
	kinds := make([]kind, max(n, len(exprs)))
	for i, e := range exprs {
		kinds[i] = f.expr(e)
	}
	if openEnded(exprs) {
		for i := len(exprs); i < n; i++ {
			kinds[i] = kinds[len(exprs)-1]
		}
	}
	return kinds
}

func (f *flow) assign(s *ast.AssignStmt) {
	kinds := f.values(s.Rhs, len(s.Lhs))
	for i, target := range s.Lhs {
		f.store(target, kinds[i])
		if i < len(s.Rhs) {
			f.storeFunction(target, s.Rhs[i])
		}
		if f.hookTarget(target) != "" && i < len(s.Rhs) {
			f.hook(s.Rhs[i])
		}
	}
}

// hook looks at what is made a hook: a function that this file does not show
// will be called with conn.
func (f *flow) hook(value ast.Expr) {
	switch value.(type) {
	case *ast.NilExpr, *ast.NumberExpr, *ast.StringExpr, *ast.TableExpr, *ast.TrueExpr, *ast.FalseExpr:
		return
	}
	if _, known := f.functionsOf(value); !known {
		f.escape(value.Line(), f.module(value))
	}
}

func (f *flow) define(s *ast.FuncDefStmt) {
	if attr, ok := s.Name.Func.(*ast.AttrGetExpr); ok {
		f.expr(attr.Object)
		f.storeFunction(attr, s.Func)
	}
	f.expr(s.Func)
}

// iterate: what pairs and ipairs are given comes out again piece by piece,
// the key first, which is plain.
func (f *flow) iterate(s *ast.GenericForStmt) {
	var k kind
	for _, e := range s.Exprs {
		k |= f.expr(e)
	}
	vars := f.locals[s]
	if f.plainKeys(s.Exprs[0]) {
		vars = vars[1:]
	}
	for _, v := range vars {
		f.set(v, k&data|f.anyStored)
	}
	f.stmts(s.Stmts)
}

func (f *flow) plainKeys(e ast.Expr) bool {
	if c, ok := e.(*ast.FuncCallExpr); ok && c.Func != nil {
		e = c.Func
	}
	switch f.globalName(e) {
	case "pairs", "ipairs", "next":
		return true
	}
	return false
}

func (f *flow) result(s *ast.ReturnStmt) {
	for _, e := range s.Exprs {
		k := f.expr(e)
		if k&macros != 0 {
			f.lostMacros(s.Line())
		}
		if k&data == 0 {
			continue
		}
		if f.fn == f.file {
			f.escape(s.Line(), "")
			continue
		}
		if f.shared {
			f.note(s.Line(), "")
		}
		if f.returns[f.fn]&data == 0 {
			f.returns[f.fn] |= data
			f.anyReturned |= data
			f.changed = true
		}
	}
}

// expr walks an expression and returns what its value may be.
func (f *flow) expr(e ast.Expr) kind {
	switch e := e.(type) {
	case *ast.IdentExpr:
		f.loader(e)
		return f.vars[f.idents[e]]
	case *ast.AttrGetExpr:
		k := f.expr(e.Object)
		f.expr(e.Key)
		return f.index(k, e)
	case *ast.FuncCallExpr:
		return f.call(e)
	case *ast.LogicalOpExpr:
		left, right := f.expr(e.Lhs), f.expr(e.Rhs)
		if e.Operator == "and" {
			return right
		}
		return left | right
	case *ast.FunctionExpr:
		outer := f.fn
		f.fn = f.byNode[e]
		f.stmts(e.Stmts)
		f.fn = outer
	case *ast.TableExpr:
		f.table(e)
	case *ast.Comma3Expr:
		if f.all && f.fn != f.file {
			return data
		}
	default:
		eachChild(e, f.node)
	}
	return 0
}

// loader takes down the use of functions that run code from a string: it may
// name anything.
func (f *flow) loader(e *ast.IdentExpr) {
	if !f.taking || f.globalName(e) != e.Value {
		return
	}
	switch e.Value {
	case "load", "loadstring", "loadfile", "dofile", "setfenv", "getfenv":
		f.computed = append(f.computed, e.Line())
		f.lostMacros(e.Line())
	}
}

func (f *flow) table(e *ast.TableExpr) {
	for _, fd := range e.Fields {
		if fd.Key != nil {
			f.expr(fd.Key)
		}
		k := f.expr(fd.Value)
		if name, known := f.constant(fd.Key); known {
			f.keep(name, k)
		} else {
			f.keepUnnamed(k)
		}
		f.lose(k, fd.Value.Line(), "")
	}
}

// call follows arguments into the functions of the script, and takes note of
// those that go elsewhere.
func (f *flow) call(e *ast.FuncCallExpr) kind {
	var self kind
	if e.Func != nil {
		f.expr(e.Func)
	} else {
		self = f.expr(e.Receiver)
	}
	args := make([]kind, len(e.Args))
	for i, a := range e.Args {
		args[i] = f.expr(a)
	}
	if e.Func == nil {
		return f.method(e, self, args)
	}
	if name := f.builtin(e.Func); name != "" {
		if out, done := f.callBuiltin(name, e, args); done {
			return out
		}
	}
	return f.apply(e, e.Func, e.Args, args)
}

// apply is the call of fn with the arguments: the whole of e, or what pcall
// calls.
func (f *flow) apply(e *ast.FuncCallExpr, fn ast.Expr, exprs []ast.Expr, args []kind) kind {
	if f.hostMethod(fn) {
		f.callBack(exprs)
		return 0
	}
	fns, known := f.functionsOf(fn)
	out := f.enter(fns, args)
	if !known {
		f.leave(e, args, f.module(fn))
		out |= f.anyStored | f.anyReturned
	}
	return out
}

// hostMethod reports msg.add_header and its like: a field of data which the
// script does not set itself.
func (f *flow) hostMethod(fn ast.Expr) bool {
	attr, ok := fn.(*ast.AttrGetExpr)
	if !ok || f.kindOf(attr.Object)&data == 0 {
		return false
	}
	name, known := f.constant(attr.Key)
	return known && !f.written[name] && !inner[name]
}

func (f *flow) method(e *ast.FuncCallExpr, self kind, args []kind) kind {
	own := f.methods[e.Method]
	out := f.enter(own, append([]kind{self}, args...))
	if e.Method == "macros" {
		f.lostMacros(e.Line())
	}
	if self&macros != 0 {
		f.lostMacros(e.Line())
	}
	f.leave(e, args, f.maker(e.Receiver))
	if self&data == 0 {
		return out | f.stored[e.Method]
	}
	f.callBack(e.Args)
	if inner[e.Method] {
		out |= data
	}
	return out | f.stored[e.Method]
}

// enter passes arguments to functions of the script.
func (f *flow) enter(fns []*function, args []kind) (out kind) {
	for _, fn := range fns {
		for i, k := range args {
			f.give(fn, i, k)
		}
		out |= f.returns[fn]
	}
	return out
}

// leave passes arguments to functions that the file does not show. Those of a
// module see nothing of this file but what they are given, so conn comes back
// only to functions among the arguments.
func (f *flow) leave(e *ast.FuncCallExpr, args []kind, module string) {
	var k kind
	for _, a := range args {
		k |= a
	}
	if module == "" || k&data == 0 {
		f.lose(k, e.Line(), module)
		return
	}
	f.note(e.Line(), module)
	f.lose(k&macros, e.Line(), module)
	f.callBack(e.Args)
}

// callBack is for functions that someone who has conn may call.
func (f *flow) callBack(args []ast.Expr) {
	for _, a := range args {
		fns, _ := f.functionsOf(a)
		for _, fn := range fns {
			for i := range fn.params {
				f.give(fn, i, data)
			}
		}
	}
}

// builtin names the function of Lua's own that is called, "table.insert" say;
// "" if the script made it, or it is none.
func (f *flow) builtin(e ast.Expr) string {
	if name := f.globalName(e); name != "" {
		if v := f.globals[name]; v == nil || len(v.defs) == 0 {
			return name
		}
		return ""
	}
	attr, ok := e.(*ast.AttrGetExpr)
	if !ok {
		return ""
	}
	name, ok := f.constant(attr.Key)
	if lib := f.globalName(attr.Object); ok && lib != "" {
		return lib + "." + name
	}
	return ""
}

// callBuiltin knows the functions that look at a table without telling anyone,
// and those that hand on what they are given.
func (f *flow) callBuiltin(name string, e *ast.FuncCallExpr, args []kind) (out kind, done bool) {
	var k kind
	for _, a := range args {
		k |= a
	}
	switch name {
	case "type", "tostring", "tonumber", "rawequal", "rawlen",
		"accept", "reject", "tempfail", "discard", "skip", "printable", "raw":
		return 0, true
	case "pairs", "ipairs", "next":
		if k&macros != 0 {
			f.lostMacros(e.Line())
		}
		return k & data, true
	case "rawget":
		return f.anyStored, true
	case "assert", "select":
		return k, true
	case "rawset", "table.insert":
		if len(args) > 0 {
			k = 0
			for _, a := range args[1:] {
				k |= a
			}
		}
		f.keepUnnamed(k)
		f.lose(k, e.Line(), "")
		return 0, true
	case "setmetatable":
		f.lose(args2(args), e.Line(), "")
		return k | f.stored["__index"], true
	case "pcall":
		return f.protected(e, args), true
	case "unpack", "table.unpack", "table.remove":
		return k | f.anyStored, true
	}
	return 0, false
}

// args2 is the kind of the second argument.
func args2(args []kind) kind {
	if len(args) < 2 {
		return 0
	}
	return args[1]
}

// protected is pcall(f, ...): the call of f.
func (f *flow) protected(e *ast.FuncCallExpr, args []kind) kind {
	if len(e.Args) == 0 {
		return 0
	}
	return f.apply(e, e.Args[0], e.Args[1:], args[1:])
}
