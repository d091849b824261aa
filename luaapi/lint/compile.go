package lint

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// Compile returns the script as byte code, which any number of VMs may share.
// The errors that only the compiler finds, such as too many local variables,
// are *SyntaxErrors too.
func (s *Source) Compile() (*lua.FunctionProto, error) {
	return s.compile(func(stmts []ast.Stmt) []ast.Stmt { return stmts })
}

// compile compiles what change makes of the tree.
func (s *Source) compile(change func([]ast.Stmt) []ast.Stmt) (*lua.FunctionProto, error) {
	stmts, err := parseText(s.path, s.text)
	if err != nil {
		return nil, explain(s.path, s.text, err)
	}
	stmts = change(stmts)
	rewrite(stmts)
	proto, err := lua.Compile(stmts, s.path)
	if err != nil {
		if ce, ok := err.(*lua.CompileError); ok {
			return nil, &SyntaxError{Path: s.path, Line: ce.Line, Text: ce.Message}
		}
		return nil, fmt.Errorf("compile %s: %w", s.path, err)
	}
	return proto, nil
}
