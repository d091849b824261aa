package lint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"

	lua "github.com/yuin/gopher-lua"
)

// verdictNames are the verdicts that a script may return.
var verdictNames = []string{"continue", "accept", "reject", "tempfail", "discard", "skip"}

// verdictCall returns the verdict in verdict(...).
func (c *checker) verdictCall(e *ast.FuncCallExpr) (string, bool) {
	if e.Func == nil {
		return "", false
	}
	name := c.spelling(e.Func)
	return name, slices.Contains(verdictNames, name)
}

// statements finds calls whose result is thrown away, though it is all that they do.
func (c *checker) statements() {
	for _, s := range c.all.statements {
		if name, ok := c.verdictCall(s.node); ok {
			c.add(unusedVerdict, s.node.Line(), name, "write return "+name+"(...)", "%s(...) only makes a verdict; nobody gets it", name)
			continue
		}
		if f, ok := c.callee(s.node); ok && f.Result != "" && c.isPure(s.node) {
			c.add(unusedResult, s.node.Line(), c.lastName(s.node), "assign it: local result = ...", "%s changes nothing; it returns what it made, which is not used here", c.calledAs(s.node))
		}
	}
}

// pure are the libraries, objects and functions that do nothing but return something.
var pure = map[string]bool{
	"string": true, "math": true, "utf8": true, "bit32": true, "os": true, "address": true, "headers": true, "part": true, "body": true,
	"tostring": true, "tonumber": true, "type": true, "printable": true, "raw": true, "rawget": true, "rawlen": true, "rawequal": true,
	"table.concat": true, "table.unpack": true, "table.getn": true, "table.maxn": true, "table.pack": true,
	"msg:header": true, "msg:text": true, "msg:html": true, "time.now": true,
}

// impure are the functions in pure libraries that do more: they move a generator on, or call what they are given.
var impure = map[string]bool{"math.random": true, "math.randomseed": true, "string.gsub": true}

func (c *checker) isPure(e *ast.FuncCallExpr) bool {
	if e.Func == nil {
		object := bare(c.types.of(e.Receiver))
		return (pure[object] || pure[object+":"+e.Method]) && !impure[object+"."+e.Method]
	}
	name := c.spelling(e.Func)
	lib, _, _ := strings.Cut(name, ".")
	return (pure[lib] || pure[name]) && !impure[name]
}

// replies finds replies that no MTA takes, where they are written out.
func (c *checker) replies() {
	if c.api.Reply == nil {
		return
	}
	for _, call := range c.calls {
		name, ok := c.verdictCall(call.node)
		if !ok || c.uncounted(call.node.Args) {
			continue
		}
		var args []lua.LValue
		for _, a := range call.node.Args {
			args = append(args, c.value(a))
		}
		if slices.Contains(args, nil) {
			args = c.standIns(name, call.node.Args, args)
		}
		if err := c.api.Reply(name, args); err != nil {
			c.add(badReply, call.node.Line(), name, replyHint(name), "%s", strings.TrimPrefix(err.Error(), name+": "))
		}
	}
}

// uncounted reports arguments that end in a call which may give any number of them.
func (c *checker) uncounted(args []ast.Expr) bool {
	if !openEnded(args) {
		return false
	}
	last, isCall := args[len(args)-1].(*ast.FuncCallExpr)
	if !isCall {
		return true
	}
	f, ok := c.callee(last)
	return !ok || f.Result != "string"
}

// value is that of a literal, nil if it depends.
func (c *checker) value(e ast.Expr) lua.LValue {
	switch e := e.(type) {
	case *ast.NumberExpr:
		return literalNumber(e.Value)
	case *ast.TrueExpr, *ast.FalseExpr:
		return lua.LTrue
	case *ast.NilExpr:
		return lua.LNil
	case *ast.TableExpr:
		return &lua.LTable{}
	case *ast.FunctionExpr:
		return &lua.LFunction{}
	}
	if text, ok := c.constant(e); ok {
		return lua.LString(text)
	}
	return nil
}

// standIns takes something right for each argument that is not known, so that the others can be looked at.
func (c *checker) standIns(verdict string, exprs []ast.Expr, args []lua.LValue) []lua.LValue {
	code, status := lua.LNumber(550), lua.LString("5.0.0")
	if verdict == "tempfail" {
		code, status = 450, "4.0.0"
	}
	last := len(args) - 1
	for i, a := range args {
		switch {
		case a != nil:
		case i == last:
			args[i] = lua.LString("text")
		case i == 0 && (last == 2 || c.isNumeric(exprs[0])):
			args[i] = code
		default:
			args[i] = status
		}
	}
	return args
}

func replyHint(verdict string) string {
	switch verdict {
	case "reject":
		return "write reject(\"text\"), reject(\"5.7.1\", \"text\") or reject(550, \"5.7.1\", \"text\")"
	case "tempfail":
		return "write tempfail(\"text\"), tempfail(\"4.7.1\", \"text\") or tempfail(451, \"4.7.1\", \"text\")"
	}
	return "write return " + verdict
}

// returned finds what hooks return besides a verdict, and verdicts for which nobody waits.
func (c *checker) returned() {
	for _, r := range c.results {
		if len(r.fn.hooks) == 0 || len(r.stmt.Exprs) == 0 {
			continue
		}
		if len(r.stmt.Exprs) > 1 {
			c.add(extraResult, r.stmt.Line(), "return", "write return reject(\"text\")", "%s returns %s, of which only the first counts", oneOf(r.fn.hooks), countOf(len(r.stmt.Exprs), "value"))
		}
		if name := c.verdictIn(r.stmt.Exprs[0]); name != "" && name != "continue" && !slices.ContainsFunc(r.fn.hooks, answered) {
			c.add(nobodyWaits, r.stmt.Line(), name, "decide in an earlier hook", "%s returns %s, but nobody waits for a verdict there", oneOf(r.fn.hooks), name)
		}
	}
}

func answered(hook string) bool { return !slices.Contains(silent, hook) }

// verdictIn returns the verdict that an expression is, "" if it is none.
func (c *checker) verdictIn(e ast.Expr) string {
	if call, ok := e.(*ast.FuncCallExpr); ok && call.Func != nil {
		e = call.Func
	}
	if _, ok := e.(*ast.IdentExpr); !ok {
		return ""
	}
	if name := c.spelling(e); slices.Contains(verdictNames, name) {
		return name
	}
	return ""
}

// unreachable finds statements behind one that never gets there.
func (c *checker) unreachable() {
	for _, block := range c.all.blocks {
		for i, s := range block[:max(0, len(block)-1)] {
			if _, label := block[i+1].(*ast.LabelStmt); label || !c.leaves(s) {
				continue
			}
			c.add(unreachable, block[i+1].Line(), firstWord, "remove it, or what is above it", "this is never reached: what stands above it always leaves")
			break
		}
	}
}

// leaves reports a statement after which the next one never runs.
func (c *checker) leaves(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt, *ast.BreakStmt, *ast.GotoStmt:
		return true
	case *ast.FuncCallStmt:
		call, ok := s.Expr.(*ast.FuncCallExpr)
		return ok && call.Func != nil && c.spelling(call.Func) == "error"
	case *ast.DoBlockStmt:
		return c.lastLeaves(s.Stmts)
	case *ast.IfStmt:
		return len(s.Else) > 0 && c.lastLeaves(s.Then) && c.lastLeaves(s.Else)
	}
	return false
}

func (c *checker) lastLeaves(block []ast.Stmt) bool {
	return len(block) > 0 && c.leaves(block[len(block)-1])
}

// literalNumber is the value of a number as it is written, nil if it cannot be read.
func literalNumber(text string) lua.LValue {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return lua.LNumber(n)
	}
	return nil
}
