package lint

import (
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// types knows the types of values where the text leaves no doubt: those of hooks' parameters, of locals that are assigned once, of fields and
// results of the API. A type is written as in Function.Result; "" is one that is not known.
type types struct {
	c      *checker
	vars   map[*variable]string
	exprs  map[ast.Expr]string
	things map[*variable]source // what loop variables are taken from
}

// source is the loop that gives a variable its values.
type source struct {
	from  ast.Expr
	index int // which of its variables, from 0
}

// newTypes finds the types of variables in the order of their declarations: what a later one holds is not known to an earlier one.
func (c *checker) newTypes() *types {
	t := &types{c: c, vars: map[*variable]string{}, exprs: map[ast.Expr]string{}, things: map[*variable]source{}}
	c.types = t
	for s, vars := range c.locals {
		if loop, ok := s.(*ast.GenericForStmt); ok && len(loop.Exprs) == 1 {
			for i, v := range vars {
				t.things[v] = source{loop.Exprs[0], i}
			}
		}
	}
	params := map[*variable]string{}
	for _, fn := range c.hookFunctions() {
		if len(fn.hooks) == 1 && c.src.flow.onlyHook(fn) && !c.readElsewhere(fn.hooks[0]) {
			for i, name := range c.api.Params[fn.hooks[0]] {
				if i < len(fn.params) {
					params[fn.params[i]] = paramType(name)
				}
			}
		}
	}
	for _, v := range c.variables {
		if typ := t.variable(v, params[v]); typ != "" {
			t.vars[v] = typ
		}
	}
	return t
}

// paramType is the type of a hook's parameter of that name.
func paramType(name string) string {
	switch name {
	case "conn", "neg", "headers", "msg", "params":
		return name
	}
	return "string"
}

func (t *types) variable(v *variable, param string) string {
	loop, inLoop := t.things[v]
	switch {
	case v.owner == nil:
		return ""
	case v.opaque && len(v.defs) > 0:
		return ""
	case param != "":
		return param
	case inLoop:
		return t.item(loop)
	case len(v.defs) == 1 && !v.opaque && v.defs[0].expr != nil && !v.defs[0].spread:
		return t.of(v.defs[0].expr)
	}
	return ""
}

// item is the type of a loop variable.
func (t *types) item(s source) string {
	call, ok := s.from.(*ast.FuncCallExpr)
	if !ok {
		return ""
	}
	if call.Func == nil && call.Method == "each" && bare(t.of(call.Receiver)) == "headers" {
		return []string{"number", "field", ""}[min(s.index, 2)]
	}
	if call.Func == nil || len(call.Args) == 0 || t.c.src.flow.builtin(call.Func) != "ipairs" {
		return ""
	}
	element, isArray := strings.CutSuffix(t.of(call.Args[0]), "[]")
	switch {
	case s.index == 0:
		return "number"
	case s.index == 1 && isArray:
		return element
	}
	return ""
}

// bare is the type without "or nil".
func bare(typ string) string { return strings.TrimSuffix(typ, "?") }

// of returns the type of an expression.
func (t *types) of(e ast.Expr) string {
	if typ, known := t.exprs[e]; known {
		return typ
	}
	typ := t.find(e)
	several := strings.Contains(typ, ", ") && !strings.HasPrefix(typ, "iterator")
	if strings.Contains(typ, "|") || bare(typ) == "any" || several {
		typ = ""
	}
	t.exprs[e] = typ
	return typ
}

func (t *types) find(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return t.vars[t.c.idents[e]]
	case *ast.AttrGetExpr:
		return t.field(e)
	case *ast.FuncCallExpr:
		if f, ok := t.c.callee(e); ok {
			return f.Result
		}
		return ""
	case *ast.LogicalOpExpr:
		left, right := t.of(e.Lhs), t.of(e.Rhs)
		if e.Operator == "or" && bare(left) == right {
			return right
		}
		return ""
	case *ast.StringExpr, *ast.NumberExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.TableExpr, *ast.FunctionExpr,
		*ast.StringConcatOpExpr, *ast.ArithmeticOpExpr, *ast.UnaryMinusOpExpr, *ast.UnaryLenOpExpr, *ast.RelationalOpExpr, *ast.UnaryNotOpExpr:
		return t.c.literalKind(e)
	}
	return ""
}

// field is the type of x.key.
func (t *types) field(e *ast.AttrGetExpr) string {
	object := bare(t.of(e.Object))
	if object == "" {
		return ""
	}
	name, named := t.c.constant(e.Key)
	if !named {
		return t.element(object, e.Key)
	}
	switch object {
	case "macros":
		return "string?"
	case "params":
		return "param?"
	case "conn":
		if name == "connection" {
			return "conn"
		}
		if t.c.isKey(name) {
			return ""
		}
	}
	return t.c.api.Types[object].Fields[name]
}

// element is the type of x[number].
func (t *types) element(object string, key ast.Expr) string {
	if !t.c.isNumeric(key) {
		return ""
	}
	if element, ok := strings.CutSuffix(object, "[]"); ok {
		return element + "?"
	}
	switch object {
	case "headers":
		return "field?"
	case "params":
		return "string?"
	}
	return ""
}
