package lint

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"luamilter/luaapi/module"
)

// actions finds message changes in hooks where there is no message to change.
// Helpers are left alone: eom may be who calls them.
func (c *checker) actions() {
	for _, call := range c.calls {
		name, on := c.methodOf(call.node)
		fn := call.fn
		if len(fn.hooks) == 0 || fn.isHook("eom") || !slices.Contains(c.api.Actions, name) || c.written[name] {
			continue
		}
		if call.node.Func != nil && !slices.Contains(fn.params, on) {
			continue // a function of some table, which only shares the name
		}
		c.add(actionOutsideEom, call.node.Line(), name, "move it to function eom(conn, msg)",
			"%s works only in eom, not in %s", name, oneOf(fn.hooks))
	}
}

// methodOf returns the name in x:name() and x.name(), and the variable x.
func (c *checker) methodOf(e *ast.FuncCallExpr) (string, *variable) {
	object, name := e.Receiver, e.Method
	if attr, ok := e.Func.(*ast.AttrGetExpr); ok {
		name, _ = c.constant(attr.Key)
		object = attr.Object
	}
	id, _ := object.(*ast.IdentExpr)
	return name, c.idents[id]
}

// requires finds modules that are not there. One that the script can do without is worth a word only if it was probably misspelt.
func (c *checker) requires() {
	for _, r := range c.src.Requires() {
		if r.Name == "" || slices.Contains(c.api.Modules, r.Name) {
			continue
		}
		near, sev := Nearest(r.Name, c.api.Modules), Error
		if r.Optional {
			sev = Warning
		}
		if err := module.CheckName(r.Name); err != nil {
			c.addAs(sev, unknownModule, r.Line, "require", "", "%v", err)
		} else if !r.Optional || near != "" {
			c.addAs(sev, unknownModule, r.Line, "require", didYouMean(near), "no module is called %s", r.Name)
		}
	}
}
