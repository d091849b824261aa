package lint

import "github.com/yuin/gopher-lua/ast"

// survey lists, in source order, the places that the rules about statements and operators look at.
type survey struct {
	statements []place[*ast.FuncCallExpr] // calls that are statements
	blocks     [][]ast.Stmt
	compares   []place[*ast.RelationalOpExpr]
	logical    []place[*ast.LogicalOpExpr]
	negations  []place[*ast.UnaryNotOpExpr]
	conditions []ast.Expr
	generic    []*ast.GenericForStmt
	loops      []loop
}

// place is a node, with the function that it is in.
type place[T any] struct {
	node T
	fn   *function
}

// loop is what is run again and again: the statements and conditions of a while, repeat or for.
type loop struct {
	parts []ast.PositionHolder
	fn    *function
}

func newSurvey(s *Source) *survey {
	v := &survey{}
	v.blocks = append(v.blocks, s.stmts)
	for _, stmt := range s.stmts {
		v.visit(s.model, stmt, s.model.file)
	}
	return v
}

// visit takes down a node and what is below it.
func (v *survey) visit(m *model, n ast.PositionHolder, fn *function) {
	switch n := n.(type) {
	case *ast.FunctionExpr:
		fn = m.byNode[n]
	case *ast.FuncCallStmt:
		if call, ok := n.Expr.(*ast.FuncCallExpr); ok {
			v.statements = append(v.statements, place[*ast.FuncCallExpr]{call, fn})
		}
	case *ast.RelationalOpExpr:
		v.compares = append(v.compares, place[*ast.RelationalOpExpr]{n, fn})
	case *ast.LogicalOpExpr:
		v.logical = append(v.logical, place[*ast.LogicalOpExpr]{n, fn})
	case *ast.UnaryNotOpExpr:
		v.negations = append(v.negations, place[*ast.UnaryNotOpExpr]{n, fn})
	case *ast.IfStmt:
		v.conditions = append(v.conditions, n.Condition)
	case ast.Stmt:
		v.loop(n, fn)
	}
	eachBlock(n, func(stmts []ast.Stmt) { v.blocks = append(v.blocks, stmts) })
	eachChild(n, func(c ast.PositionHolder) { v.visit(m, c, fn) })
}

// loop takes down a statement if it is a loop.
func (v *survey) loop(s ast.Stmt, fn *function) {
	var parts []ast.PositionHolder
	take := func(n ast.PositionHolder) { parts = append(parts, n) }
	switch s := s.(type) {
	case *ast.WhileStmt:
		v.conditions = append(v.conditions, s.Condition)
		visitExprs(take, s.Condition)
		visitStmts(take, s.Stmts)
	case *ast.RepeatStmt:
		v.conditions = append(v.conditions, s.Condition)
		visitExprs(take, s.Condition)
		visitStmts(take, s.Stmts)
	case *ast.NumberForStmt:
		visitStmts(take, s.Stmts)
	case *ast.GenericForStmt:
		v.generic = append(v.generic, s)
		visitStmts(take, s.Stmts)
	default:
		return
	}
	v.loops = append(v.loops, loop{parts, fn})
}
