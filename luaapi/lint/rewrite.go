package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// rewrite changes a syntax tree so that gopher-lua makes of it what Lua 5.1
// does. Six things it gets wrong:
//
//   - a, b = b, a gives a local its new value before the values behind it are
//     worked out. They get variables of their own.
//   - ok = f(x) and y leaves a local as it was if f(x) is false. The value gets
//     a variable of its own.
//   - for k in next, t sets as many of the loop's own three values as it has
//     variables. It gets three.
//   - s = (s:lower()) overwrites s, if that is a function's last parameter,
//     before the call. It loses the brackets, which mean nothing there.
//   - A jump back to a jump, as into a loop that begins with if false then,
//     goes anywhere. Something else is put first there.
//   - 010 is 8. It loses the zero.
func rewrite(stmts []ast.Stmt) {
	rewriteBlock(stmts)
	for _, s := range stmts {
		inspect(s, func(n ast.PositionHolder) bool {
			switch n := n.(type) {
			case *ast.WhileStmt:
				n.Stmts = afterNothing(n.Stmts)
			case *ast.RepeatStmt:
				n.Stmts = afterNothing(n.Stmts)
			case *ast.GenericForStmt:
				n.Stmts = afterNothing(n.Stmts)
				for len(n.Names) < 3 && (len(n.Exprs) > 1 || !openEnded(n.Exprs)) {
					n.Names = append(n.Names, "(unused)")
				}
			case *ast.NumberExpr:
				n.Value = withoutZeros(n.Value)
			}
			eachBlock(n, rewriteBlock)
			return true
		})
	}
}

// rewriteBlock replaces the assignments of one block.
func rewriteBlock(stmts []ast.Stmt) {
	for i, s := range stmts {
		a, ok := s.(*ast.AssignStmt)
		if !ok {
			continue
		}
		if !inOrder(a) {
			stmts[i] = inSteps(a)
		} else if call, ok := a.Rhs[0].(*ast.FuncCallExpr); ok && len(a.Lhs) == 1 {
			call.AdjustRet = false
		}
	}
}

// eachBlock calls visit for the blocks directly below a node.
func eachBlock(n ast.PositionHolder, visit func([]ast.Stmt)) {
	switch n := n.(type) {
	case *ast.DoBlockStmt:
		visit(n.Stmts)
	case *ast.WhileStmt:
		visit(n.Stmts)
	case *ast.RepeatStmt:
		visit(n.Stmts)
	case *ast.IfStmt:
		visit(n.Then)
		visit(n.Else)
	case *ast.NumberForStmt:
		visit(n.Stmts)
	case *ast.GenericForStmt:
		visit(n.Stmts)
	case *ast.FunctionExpr:
		visit(n.Stmts)
	}
}

// afterNothing returns a loop's block, with a statement in front that does
// nothing if it may begin with a jump.
func afterNothing(stmts []ast.Stmt) []ast.Stmt {
	if len(stmts) == 0 || !mayJump(stmts[0]) {
		return stmts
	}
	return append([]ast.Stmt{nothing(stmts[0])}, stmts...)
}

// nothing returns a statement that does nothing.
func nothing(near ast.Stmt) ast.Stmt {
	return at(near, &ast.LocalAssignStmt{Names: []string{"(unused)"}, Exprs: []ast.Expr{at(near, &ast.NilExpr{})}})
}

// mayJump reports whether the first instruction of a statement may be a jump.
func mayJump(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.IfStmt:
		if isConstant(leftmost(s.Condition)) {
			return true
		}
	case *ast.WhileStmt:
		if isConstant(leftmost(s.Condition)) {
			return true
		}
	case *ast.RepeatStmt, *ast.DoBlockStmt, *ast.BreakStmt, *ast.GotoStmt, *ast.LabelStmt:
		return true
	}
	jumps := false // as false and x is one
	inspect(s, func(n ast.PositionHolder) bool {
		e, ok := n.(*ast.LogicalOpExpr)
		jumps = jumps || ok && isConstant(leftmost(e))
		return !jumps
	})
	return jumps
}

// leftmost returns the first thing that a condition asks.
func leftmost(e ast.Expr) ast.Expr {
	for {
		switch o := e.(type) {
		case *ast.LogicalOpExpr:
			e = o.Lhs
		case *ast.UnaryNotOpExpr:
			e = o.Expr
		default:
			return e
		}
	}
}

// withoutZeros makes a decimal number of one that begins with 0.
func withoutZeros(text string) string {
	short := strings.TrimLeft(text, "0")
	if short == "" || short[0] < '0' || short[0] > '9' { // 0, 0.5, 0x10
		return text
	}
	return short
}

// inOrder reports whether it makes no difference when an assignment is done
// one variable after the other.
func inOrder(a *ast.AssignStmt) bool {
	variables := map[string]bool{}
	for _, e := range a.Lhs {
		if v, ok := e.(*ast.IdentExpr); ok {
			variables[v.Value] = true
		}
	}
	switch {
	case len(variables) == 0:
		return true
	case len(a.Lhs) == 1:
		return len(a.Rhs) == 1 && !conditional(a.Rhs[0], a.Lhs[0].(*ast.IdentExpr).Value)
	case len(variables) < len(a.Lhs):
		return false
	}
	return len(a.Rhs) == 1 && openEnded(a.Rhs) || !slices.ContainsFunc(a.Rhs, func(e ast.Expr) bool { return !isConstant(e) })
}

// conditional reports whether a value is one of two, but for x or y as a new
// value of x.
func conditional(e ast.Expr, x string) bool {
	o, ok := e.(*ast.LogicalOpExpr)
	if !ok {
		return false
	}
	_, more := o.Rhs.(*ast.LogicalOpExpr)
	v, ok := o.Lhs.(*ast.IdentExpr)
	return !ok || v.Value != x || more
}

func isConstant(e ast.Expr) bool {
	_, ok := e.(ast.ConstExpr)
	return ok
}

// inSteps returns a block that does what an assignment does:
//
//	local (object 2), (key 2) = t, i
//	local (value 1), (value 2) = i + 1, t[i]
//	(object 2)[(key 2)] = (value 2)
//	i = (value 1)
func inSteps(a *ast.AssignStmt) ast.Stmt {
	places, values := at(a, &ast.LocalAssignStmt{}), at(a, &ast.LocalAssignStmt{Exprs: a.Rhs})
	var steps []ast.Stmt
	for i, target := range a.Lhs {
		if get, ok := target.(*ast.AttrGetExpr); ok {
			target = at(a, &ast.AttrGetExpr{
				Object: hold(places, fmt.Sprintf("(object %d)", i+1), get.Object),
				Key:    hold(places, fmt.Sprintf("(key %d)", i+1), get.Key),
			})
		}
		name := fmt.Sprintf("(value %d)", i+1)
		values.Names = append(values.Names, name)
		steps = append(steps, at(a, &ast.AssignStmt{Lhs: []ast.Expr{target}, Rhs: []ast.Expr{at(a, &ast.IdentExpr{Value: name})}}))
	}
	block := at(a, &ast.DoBlockStmt{})
	if len(places.Names) > 0 {
		block.Stmts = append(block.Stmts, places)
	}
	block.Stmts = append(block.Stmts, values)
	for i := len(steps) - 1; i >= 0; i-- { // as Lua does
		block.Stmts = append(block.Stmts, steps[i])
	}
	return block
}

// hold gives the value of an expression a variable, and returns that. A
// constant stays.
func hold(in *ast.LocalAssignStmt, name string, e ast.Expr) ast.Expr {
	if isConstant(e) {
		return e
	}
	if call, ok := e.(*ast.FuncCallExpr); ok {
		call.AdjustRet = true // one value
	}
	in.Names, in.Exprs = append(in.Names, name), append(in.Exprs, e)
	return at(e, &ast.IdentExpr{Value: name})
}

// at gives a new node the place of an old one.
func at[T ast.PositionHolder](old ast.PositionHolder, n T) T {
	n.SetLine(old.Line())
	n.SetLastLine(old.LastLine())
	return n
}
