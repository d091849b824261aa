package lint

import "github.com/yuin/gopher-lua/ast"

// eachChild calls visit for the expressions and statements directly below a
// node, in source order.
func eachChild(n ast.PositionHolder, visit func(ast.PositionHolder)) {
	if s, ok := n.(ast.Stmt); ok {
		eachStmtChild(s, visit)
		return
	}
	eachExprChild(n, visit)
}

func eachStmtChild(s ast.Stmt, visit func(ast.PositionHolder)) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		visitExprs(visit, s.Lhs...)
		visitExprs(visit, s.Rhs...)
	case *ast.LocalAssignStmt:
		visitExprs(visit, s.Exprs...)
	case *ast.FuncCallStmt:
		visitExprs(visit, s.Expr)
	case *ast.DoBlockStmt:
		visitStmts(visit, s.Stmts)
	case *ast.WhileStmt:
		visitExprs(visit, s.Condition)
		visitStmts(visit, s.Stmts)
	case *ast.RepeatStmt:
		visitStmts(visit, s.Stmts)
		visitExprs(visit, s.Condition)
	case *ast.IfStmt:
		visitExprs(visit, s.Condition)
		visitStmts(visit, s.Then)
		visitStmts(visit, s.Else)
	case *ast.NumberForStmt:
		visitExprs(visit, s.Init, s.Limit, s.Step)
		visitStmts(visit, s.Stmts)
	case *ast.GenericForStmt:
		visitExprs(visit, s.Exprs...)
		visitStmts(visit, s.Stmts)
	case *ast.FuncDefStmt:
		visitExprs(visit, s.Name.Func, s.Name.Receiver, s.Func)
	case *ast.ReturnStmt:
		visitExprs(visit, s.Exprs...)
	}
}

func eachExprChild(n ast.PositionHolder, visit func(ast.PositionHolder)) {
	switch e := n.(type) {
	case *ast.AttrGetExpr:
		visitExprs(visit, e.Object, e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			visitExprs(visit, f.Key, f.Value)
		}
	case *ast.FuncCallExpr:
		visitExprs(visit, e.Func, e.Receiver)
		visitExprs(visit, e.Args...)
	case *ast.LogicalOpExpr:
		visitExprs(visit, e.Lhs, e.Rhs)
	case *ast.RelationalOpExpr:
		visitExprs(visit, e.Lhs, e.Rhs)
	case *ast.StringConcatOpExpr:
		visitExprs(visit, e.Lhs, e.Rhs)
	case *ast.ArithmeticOpExpr:
		visitExprs(visit, e.Lhs, e.Rhs)
	case *ast.UnaryMinusOpExpr:
		visitExprs(visit, e.Expr)
	case *ast.UnaryNotOpExpr:
		visitExprs(visit, e.Expr)
	case *ast.UnaryLenOpExpr:
		visitExprs(visit, e.Expr)
	case *ast.FunctionExpr:
		visitStmts(visit, e.Stmts)
	}
}

func visitExprs(visit func(ast.PositionHolder), exprs ...ast.Expr) {
	for _, e := range exprs {
		if e != nil {
			visit(e)
		}
	}
}

func visitStmts(visit func(ast.PositionHolder), stmts []ast.Stmt) {
	for _, s := range stmts {
		visit(s)
	}
}

// inspect walks a tree from the top; visit returns false to leave out what is
// below a node.
func inspect(n ast.PositionHolder, visit func(ast.PositionHolder) bool) {
	if !visit(n) {
		return
	}
	eachChild(n, func(c ast.PositionHolder) { inspect(c, visit) })
}

// openEnded reports whether the value list ends in a call or in "...", so that
// the number of values is known only when the script runs.
func openEnded(exprs []ast.Expr) bool {
	if len(exprs) == 0 {
		return false
	}
	switch e := exprs[len(exprs)-1].(type) {
	case *ast.FuncCallExpr:
		return !e.AdjustRet
	case *ast.Comma3Expr:
		return !e.AdjustRet
	}
	return false
}
