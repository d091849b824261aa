package lint

import "github.com/yuin/gopher-lua/ast"

// OnlyRead reports whether every function that begins on a line does nothing with its n-th parameter, from 1, but look at it: it asks for
// its length, compares it with == or ~=, joins it to others, and calls those methods on it. Then nobody has the value when the function has returned, but for
// what the methods made of it. It is false if no function begins there, and for one that has others inside, which could outlive it.
func (s *Source) OnlyRead(line, n int, methods map[string]bool) bool {
	found := false
	for _, fn := range s.model.functions {
		if fn.node.Line() != line {
			continue
		}
		if fn.vararg || len(fn.children) > 0 || len(fn.params) >= n && !fn.onlyReads(s.model, fn.params[n-1], methods) {
			return false
		}
		found = true
	}
	return found
}

// onlyReads is OnlyRead for one of the function's parameters.
func (f *function) onlyReads(m *model, param *variable, methods map[string]bool) bool {
	harmless := map[*ast.IdentExpr]bool{}
	var look func(e ast.Expr) // marks what e may be
	look = func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.IdentExpr:
			harmless[e] = true
		case *ast.LogicalOpExpr:
			look(e.Lhs)
			look(e.Rhs)
		}
	}
	inspect(f.node, func(n ast.PositionHolder) bool {
		switch e := n.(type) {
		case *ast.UnaryLenOpExpr:
			look(e.Expr)
		case *ast.RelationalOpExpr:
			if e.Operator == "==" || e.Operator == "~=" {
				look(e.Lhs)
				look(e.Rhs)
			}
		case *ast.StringConcatOpExpr:
			look(e.Lhs)
			look(e.Rhs)
		case *ast.FuncCallExpr:
			if e.Func == nil && methods[e.Method] {
				look(e.Receiver)
			}
		}
		return true
	})
	for _, r := range param.reads {
		if r.fn != f || !harmless[r.node] {
			return false
		}
	}
	return true
}
