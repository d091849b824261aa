package lint

import (
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// CompileCounted is Compile for who wants to know which lines run: before each
// statement the code calls the global function of that name with base plus the
// statement's line. It also returns the lines that have a statement, sorted.
func (s *Source) CompileCounted(function string, base int) (*lua.FunctionProto, []int, error) {
	c := &counting{function: function, base: base, lines: map[int]bool{}}
	proto, err := s.compile(func(stmts []ast.Stmt) []ast.Stmt { return c.block(stmts) })
	if err != nil {
		return nil, nil, err
	}
	var lines []int
	for line := range c.lines {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return proto, lines, nil
}

// counting puts calls into a tree.
type counting struct {
	function string
	base     int
	lines    map[int]bool
}

// block returns a block with a call before each statement, and counts inside
// them too.
func (c *counting) block(stmts []ast.Stmt) []ast.Stmt {
	out := make([]ast.Stmt, 0, 2*len(stmts))
	for _, s := range stmts {
		if _, label := s.(*ast.LabelStmt); !label { // behind a last label nothing may stand
			out = append(out, c.call(s))
		}
		out = append(out, s)
		c.inside(s)
	}
	return out
}

// inside counts in the blocks and functions that a statement has.
func (c *counting) inside(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.DoBlockStmt:
		s.Stmts = c.block(s.Stmts)
	case *ast.WhileStmt:
		s.Stmts = c.block(s.Stmts)
	case *ast.RepeatStmt:
		s.Stmts = c.block(s.Stmts)
	case *ast.IfStmt:
		s.Then, s.Else = c.block(s.Then), c.block(s.Else)
	case *ast.NumberForStmt:
		s.Stmts = c.block(s.Stmts)
	case *ast.GenericForStmt:
		s.Stmts = c.block(s.Stmts)
	}
	eachChild(s, c.functions)
}

// functions counts in the functions that an expression has.
func (c *counting) functions(n ast.PositionHolder) {
	if _, ok := n.(ast.Stmt); ok {
		return // block was there
	}
	if fn, ok := n.(*ast.FunctionExpr); ok {
		fn.Stmts = c.block(fn.Stmts)
		return
	}
	eachChild(n, c.functions)
}

// call returns the call that counts a statement.
func (c *counting) call(s ast.Stmt) ast.Stmt {
	c.lines[s.Line()] = true
	name := at(s, &ast.IdentExpr{Value: c.function})
	mark := at(s, &ast.NumberExpr{Value: strconv.Itoa(c.base + s.Line())})
	return at(s, &ast.FuncCallStmt{Expr: at(s, &ast.FuncCallExpr{Func: name, Args: []ast.Expr{mark}})})
}
