package lint

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// callee returns the function of the API that is called, if there is no doubt which.
func (c *checker) callee(e *ast.FuncCallExpr) (Function, bool) {
	if e.Func == nil {
		object := bare(c.types.of(e.Receiver))
		if c.mayHave(object, e.Method) {
			return Function{}, false
		}
		f, ok := c.api.Types[object].Methods[e.Method]
		return f, ok
	}
	name := c.spelling(e.Func)
	f, ok := c.api.Functions[name]
	return f, ok && name != ""
}

// spelling names the function of the API that an expression is, "" if it is none, or if the script has one of its own in its place.
func (c *checker) spelling(e ast.Expr) string {
	if id, ok := e.(*ast.IdentExpr); ok {
		if v := c.idents[id]; v != nil && v.owner != nil && !v.opaque && len(v.defs) == 1 {
			if attr, ok := v.defs[0].expr.(*ast.AttrGetExpr); ok && !v.defs[0].spread {
				return c.member(attr)
			}
		}
		name := c.globalName(e)
		if name == "" || c.isSet(name) || c.declaredElsewhere(name) {
			return ""
		}
		return name
	}
	if attr, ok := e.(*ast.AttrGetExpr); ok {
		return c.member(attr)
	}
	return ""
}

// member is spelling for library.name.
func (c *checker) member(e *ast.AttrGetExpr) string {
	name, ok := c.constant(e.Key)
	lib := c.library(e.Object)
	if !ok || lib == "" || c.isOwn(lib, name) {
		return ""
	}
	return lib + "." + name
}

// library names the library or built-in module that an expression is, "" if it is none.
func (c *checker) library(e ast.Expr) string {
	if name := c.globalName(e); name != "" {
		if c.api.Members[name] == nil || c.isSet(name) || c.declaredElsewhere(name) {
			return ""
		}
		return name
	}
	if _, inner := e.(*ast.AttrGetExpr); inner {
		return ""
	}
	if name := c.module(e); slices.Contains(c.api.Modules, name) && !c.isFile(name) {
		return name
	}
	return ""
}

// isFile reports a module that has no functions in the API: a file beside the script.
func (c *checker) isFile(module string) bool {
	return len(c.api.functionsOfLibrary(module)) == 0
}

// calledAs returns how a script calls something: msg:add_header, string.lower.
func (c *checker) calledAs(e *ast.FuncCallExpr) string {
	if e.Func == nil {
		if name := c.nameOr(e.Receiver, ""); name != "" {
			return name + ":" + e.Method
		}
		return e.Method
	}
	return c.spelling(e.Func)
}

// lastName is the word of a call that stands for it: the method, or the last part of the name.
func (c *checker) lastName(e *ast.FuncCallExpr) string {
	if e.Func == nil {
		return e.Method
	}
	switch f := e.Func.(type) {
	case *ast.IdentExpr:
		return f.Value
	case *ast.AttrGetExpr:
		name, _ := c.constant(f.Key)
		return name
	}
	return ""
}

// dotsAndColons finds methods called with a dot, and functions called with a colon.
func (c *checker) dotsAndColons() {
	for _, call := range c.calls {
		e := call.node
		if e.Func == nil {
			if lib := c.library(e.Receiver); lib != "" && !c.isOwn(lib, e.Method) {
				c.add(colonForDot, e.Line(), e.Method, "write "+lib+"."+e.Method+"(...), with a dot",
					"%s belongs to a library and is no method", e.Method)
			}
			continue
		}
		attr, ok := e.Func.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		name, _ := c.constant(attr.Key)
		object := bare(c.types.of(attr.Object))
		if _, isMethod := c.api.Types[object].Methods[name]; !isMethod || c.mayHave(object, name) || c.passesItself(e, attr) {
			continue
		}
		c.add(dotForColon, e.Line(), name, "write "+c.nameOr(attr.Object, object)+":"+name+"(...), with a colon", "%s is a method", name)
	}
}

// passesItself reports x.method(x, ...), which is as good as x:method(...).
func (c *checker) passesItself(e *ast.FuncCallExpr, attr *ast.AttrGetExpr) bool {
	if len(e.Args) == 0 {
		return false
	}
	object, ok := attr.Object.(*ast.IdentExpr)
	first, same := e.Args[0].(*ast.IdentExpr)
	return ok && same && c.idents[object] == c.idents[first]
}

// nameOr is how a script names something: conn, conn.ip; another text where it has no such name.
func (c *checker) nameOr(e ast.Expr, other string) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return e.Value
	case *ast.AttrGetExpr:
		object, plain := e.Object.(*ast.IdentExpr)
		if name, ok := c.constant(e.Key); ok && plain {
			return object.Value + "." + name
		} else if ok {
			return name
		}
	}
	return strings.TrimSuffix(other, "[]")
}

// keyOr is the last part of such a name.
func (c *checker) keyOr(e ast.Expr, other string) string {
	name := c.nameOr(e, other)
	return name[strings.LastIndexByte(name, '.')+1:]
}
