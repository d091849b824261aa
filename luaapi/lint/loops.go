package lint

import (
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// made are the lists that are made anew whenever they are asked for.
var made = map[string]bool{
	"conn.recipients": true, "msg.recipients": true, "msg.parts": true, "msg.attachments": true, "part.parts": true,
}

// loops finds loops over what is no iterator, and loops that make the same list again and again.
func (c *checker) loops() {
	for _, s := range c.all.generic {
		c.iterator(s)
	}
	seen := map[*ast.AttrGetExpr]bool{}
	for _, l := range c.all.loops {
		for _, part := range l.parts {
			inspect(part, func(n ast.PositionHolder) bool {
				switch n := n.(type) {
				case *ast.FunctionExpr, *ast.WhileStmt, *ast.RepeatStmt, *ast.NumberForStmt, *ast.GenericForStmt:
					return false // a loop inside is a loop of its own
				case *ast.AttrGetExpr:
					if !seen[n] {
						seen[n] = true
						c.madeAgain(n)
					}
				}
				return true
			})
		}
	}
}

// madeAgain is for a list that a loop asks for: in a loop over its elements it is made for each.
func (c *checker) madeAgain(e *ast.AttrGetExpr) {
	object, ok := e.Object.(*ast.AttrGetExpr)
	if !ok || !c.isNumeric(e.Key) {
		return
	}
	name, _ := c.constant(object.Key)
	typ := bare(c.types.of(object.Object))
	if _, named := object.Object.(*ast.IdentExpr); !named || !made[typ+"."+name] || c.types.of(object) == "" {
		return
	}
	if _, literal := e.Key.(*ast.NumberExpr); literal {
		return
	}
	c.add(tableInLoop, keyLine(e), name, "write local "+name+" = "+c.nameOr(object.Object, typ)+"."+name+" before the loop, or go over it with ipairs",
		"%s.%s is a new table each time it is asked for, and here that is in each round", c.nameOr(object.Object, typ), name)
}

// iterator finds for x in list do.
func (c *checker) iterator(s *ast.GenericForStmt) {
	if len(s.Exprs) != 1 {
		return
	}
	typ := bare(c.types.of(s.Exprs[0]))
	name := c.nameOr(s.Exprs[0], "list")
	switch {
	case strings.HasSuffix(typ, "[]"):
		c.add(missingPairs, s.Line(), c.mark(s.Exprs[0], "in"), "write for _, one in ipairs("+name+") do", "for goes over what a function gives, and %s is a table", name)
	case typ == "table" && !c.callsTables() || typ == "params":
		c.add(missingPairs, s.Line(), c.mark(s.Exprs[0], "in"), "write ipairs("+name+") for an array, pairs("+name+") for other tables", "for goes over what a function gives, and %s is a table", name)
	case typ == "headers":
		c.add(missingPairs, s.Line(), c.mark(s.Exprs[0], "in"), "write for i, field in "+name+":each() do", "for goes over what a function gives, and %s is none", name)
	case typ == "body":
		c.add(missingPairs, s.Line(), c.mark(s.Exprs[0], "in"), "write for line in "+name+":lines() do", "for goes over what a function gives, and %s is none", name)
	}
}

// collected finds conn.all = (conn.all or "") .. chunk in body. Each chunk copies all before it.
func (c *checker) collected() {
	for _, a := range c.assigns {
		target, ok := a.target.(*ast.AttrGetExpr)
		sum, isSum := a.value.(*ast.StringConcatOpExpr)
		if !ok || !isSum || !a.fn.isHook("body") || len(a.fn.params) < 2 {
			continue
		}
		name, _ := c.constant(target.Key)
		id, isName := sum.Rhs.(*ast.IdentExpr)
		if name == "" || !isName || c.idents[id] != a.fn.params[1] || !c.isSameKey(sum.Lhs, target.Object, name) {
			continue
		}
		conn := c.nameOr(target.Object, "conn")
		c.add(collectedBody, a.line, name, "in eom, msg.body has the whole body; or keep the end only: conn."+name+" = chunk:sub(-100)",
			"%s.%s copies all earlier chunks for each new one", conn, name)
	}
}

// isSameKey reports object.name, or (object.name or "").
func (c *checker) isSameKey(e, object ast.Expr, name string) bool {
	if or, ok := e.(*ast.LogicalOpExpr); ok && or.Operator == "or" {
		e = or.Lhs
	}
	attr, ok := e.(*ast.AttrGetExpr)
	if !ok {
		return false
	}
	key, _ := c.constant(attr.Key)
	a, isName := attr.Object.(*ast.IdentExpr)
	b, same := object.(*ast.IdentExpr)
	return key == name && isName && same && c.idents[a] == c.idents[b]
}

// callsTables reports a script that may make tables which can be called.
func (c *checker) callsTables() bool {
	v := c.globals["setmetatable"]
	return v != nil && len(v.reads) > 0
}
