package lint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// arguments finds calls of the API with arguments that the function does not take.
func (c *checker) arguments() {
	for _, call := range c.calls {
		f, ok := c.callee(call.node)
		if !ok {
			continue
		}
		if _, verdict := c.verdictCall(call.node); verdict {
			continue // badReply knows more
		}
		if !c.rightCount(call.node, f) {
			continue
		}
		if name := c.calledAs(call.node); name != "table.insert" { // its second argument may be left out
			c.argumentTypes(call.node, f)
		}
		c.fieldArguments(call.node, f)
		c.format(call.node)
		c.stageOf(call, f)
	}
}

// rightCount reports a call that has as many arguments as the function takes, and makes a finding of one that has not.
func (c *checker) rightCount(e *ast.FuncCallExpr, f Function) bool {
	least, most := f.count()
	given, open := len(e.Args), openEnded(e.Args)
	name := c.calledAs(e)
	switch {
	case given < least && !open:
		c.add(argumentCount, e.Line(), c.lastName(e), "write "+name+signature(f), "%s has %s, but %s is missing", name, countOf(given, "argument"), f.Params[given].Name)
		return false
	case most >= 0 && given > most && !(open && given == most+1):
		c.addAs(Warning, argumentCount, e.Line(), c.lastName(e), "write "+name+signature(f), "%s looks at %s only, but is given %d", name, countOf(most, "argument"), given)
		return false
	}
	return true
}

func countOf(n int, what string) string {
	switch n {
	case 0:
		return "no " + what
	case 1:
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// signature shows the parameters of a function.
func signature(f Function) string {
	var names []string
	for _, p := range f.Params {
		if p.Optional && p.Name != "..." {
			p.Name = "[" + p.Name + "]"
		}
		names = append(names, p.Name)
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// argumentTypes looks at arguments whose type is plain.
func (c *checker) argumentTypes(e *ast.FuncCallExpr, f Function) {
	for i, arg := range e.Args {
		if i >= len(f.Params) || f.Params[i].Name == "..." {
			return
		}
		p := f.Params[i]
		typ := c.types.of(arg)
		if typ == "" || strings.HasSuffix(typ, "?") || c.fits(typ, arg, p) {
			continue
		}
		c.add(argumentType, arg.Line(), c.mark(arg, c.lastName(e)), "write "+c.calledAs(e)+signature(f),
			"%s of %s is %s; %s was expected", p.Name, c.calledAs(e), article(typ), expected(p.Type))
		return
	}
}

// mark is the word to point at: the literal or the name itself, or else another.
func (c *checker) mark(e ast.Expr, other string) string {
	switch e := e.(type) {
	case *ast.StringExpr:
		return `"` + e.Value + `"`
	case *ast.NumberExpr:
		return e.Value
	case *ast.IdentExpr:
		return e.Value
	case *ast.AttrGetExpr:
		if name, ok := c.constant(e.Key); ok {
			return name
		}
	case *ast.NilExpr:
		return "nil"
	case *ast.TrueExpr:
		return "true"
	case *ast.FalseExpr:
		return "false"
	}
	return other
}

// fits reports whether a value of a type can be what a parameter takes.
func (c *checker) fits(typ string, arg ast.Expr, p Param) bool {
	if typ == "nil" && p.Optional {
		return true
	}
	for want := range strings.SplitSeq(p.Type, "|") {
		if c.fitsOne(typ, arg, want) {
			return true
		}
	}
	return false
}

func (c *checker) fitsOne(typ string, arg ast.Expr, want string) bool {
	array := strings.HasSuffix(typ, "[]")
	switch want {
	case typ, "any", "boolean":
		return true
	case "string":
		return typ == "number" || typ == "integer" || typ == "body" || typ == "param"
	case "number", "integer":
		return typ == "number" || typ == "integer" || typ == "string" && c.mayBeNumber(arg) || typ == "param"
	case "table":
		return array || typ == "conn" || typ == "params" || typ == "table"
	case "string[]":
		return typ == "table" || typ == "params" || array
	case "part", "field", "raw", "body", "thread", "iterator":
		return c.literalKind(arg) == "" && c.api.Types[typ].Fields == nil
	}
	return want != "function"
}

// mayBeNumber reports text that Lua may take as a number.
func (c *checker) mayBeNumber(e ast.Expr) bool {
	text, known := c.constant(e)
	if !known {
		return true
	}
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}

// article names a type in a sentence.
func article(typ string) string {
	if element, ok := strings.CutSuffix(typ, "[]"); ok {
		return "an array of values of the type " + element
	}
	switch typ {
	case "nil":
		return "nil"
	case "integer":
		return "a whole number"
	case "headers", "params", "msg", "conn", "macros", "neg", "body":
		return "the " + typ
	}
	return "a " + typ
}

func expected(want string) string {
	var words []string
	for one := range strings.SplitSeq(want, "|") {
		words = append(words, article(one))
	}
	return strings.Join(words, " or ")
}

// stageOf finds methods in hooks where they do not work. Helpers are left alone.
func (c *checker) stageOf(call call, f Function) {
	if len(f.Stages) == 0 || len(call.fn.hooks) == 0 || c.isAction(call.node.Method) {
		return // actions says it
	}
	for _, hook := range call.fn.hooks {
		for _, stage := range f.Stages {
			if hook == stage {
				return
			}
		}
	}
	c.add(actionOutsideEom, call.node.Line(), c.lastName(call.node), "move it to "+strings.Join(f.Stages, " or "),
		"%s works only in %s, not in %s", c.lastName(call.node), oneOf(f.Stages), oneOf(call.fn.hooks))
}

func (c *checker) isAction(name string) bool {
	for _, a := range c.api.Actions {
		if a == name {
			return true
		}
	}
	return false
}
