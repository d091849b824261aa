package lint

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

// Limits that keep odd source from exhausting the Go stack or the memory of
// the parser, whose own tables grow with nesting. No script written by a
// person comes near them.
const (
	maxSource  = 4 << 20 // bytes
	maxNesting = 200     // blocks and brackets inside one another; PUC Lua has the same limit
	maxChain   = 4000    // operators in one expression, and levels of the syntax tree
)

// limited reports source that is not safe to parse.
func limited(path, src string) *SyntaxError {
	if len(src) > maxSource {
		return &SyntaxError{Path: path, Text: fmt.Sprintf("the script is larger than %d MiB", maxSource>>20)}
	}
	l := newLexer(src)
	chain := make([]int, 1, 16) // pending operators, per level of nesting
	for t := l.next(); t.kind != tokenEnd && !t.open; t = l.next() {
		top := len(chain) - 1
		switch {
		case opens(t):
			chain = append(chain, 0)
		case closes(t) && top > 0:
			chain = chain[:top]
		case pends(t):
			chain[top]++
		case ends(t):
			chain[top] = 0
		}
		if len(chain) > maxNesting {
			return &SyntaxError{Path: path, Line: t.line, Column: t.column,
				Text: fmt.Sprintf("more than %d blocks and brackets inside one another", maxNesting)}
		}
		if chain[len(chain)-1] > maxChain {
			return tooLong(path, t.line)
		}
	}
	return nil
}

func tooLong(path string, line int) *SyntaxError {
	return &SyntaxError{Path: path, Line: line,
		Text: "this statement or expression has too many parts; break it up"}
}

func opens(t token) bool {
	switch t.text {
	case "(", "{", "[":
		return t.kind == tokenSymbol
	case "function", "do", "then", "repeat":
		return t.kind == tokenKeyword
	}
	return false
}

func closes(t token) bool {
	switch t.text {
	case ")", "}", "]":
		return t.kind == tokenSymbol
	case "end", "until", "elseif": // else closes one block and opens another
		return t.kind == tokenKeyword
	}
	return false
}

// pends reports an operator the parser keeps on its stack until what follows
// it is complete: the unary ones, and those that group to the right.
func pends(t token) bool {
	switch t.text {
	case "-", "#", "..", "^":
		return t.kind == tokenSymbol
	case "not":
		return t.kind == tokenKeyword
	}
	return false
}

func ends(t token) bool {
	switch t.text {
	case ",", ";", "=":
		return t.kind == tokenSymbol
	case "and", "or":
		return false
	}
	return t.kind == tokenKeyword
}

// tooDeep looks for a syntax tree that a recursive walk must not enter: chains
// such as a+a+a... and f()()()... are deep without being nested in the text.
// It does not recurse itself. The result is the line, 0 if all is well.
func tooDeep(stmts []ast.Stmt) int {
	type level struct {
		node  ast.PositionHolder
		depth int
	}
	var stack []level
	for _, s := range stmts {
		stack = append(stack, level{s, 1})
	}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if top.depth > maxChain {
			return max(top.node.Line(), 1)
		}
		eachChild(top.node, func(n ast.PositionHolder) {
			stack = append(stack, level{n, top.depth + 1})
		})
	}
	return 0
}
