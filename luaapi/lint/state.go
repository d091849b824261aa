package lint

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// change is one place where a variable, or a table in it, gets a new value.
type change struct {
	v    *variable
	line int
	fn   *function
	fill bool // the table is filled, not the variable assigned
}

// fileState finds hooks and timers that keep what they learn in variables of
// the file. Each VM has its own copy of these: a connection may meet any VM,
// and a timer runs in one of them.
func (c *checker) fileState() {
	warned := map[*variable]bool{}
	for _, ch := range c.changes() {
		inHook, inTimer := c.reach.hooks[ch.fn], c.reach.timers[ch.fn]
		if warned[ch.v] || !inHook && !inTimer || !c.ofFile(ch.v) {
			continue
		}
		warned[ch.v] = true
		verb := "assigns"
		if ch.fill {
			verb = "fills"
		}
		if !inHook {
			c.add(fileState, ch.line, ch.v.name, "keep in a store what hooks shall find",
				"a timer %s %s, which belongs to one of several Lua VMs; the others do not see it", verb, ch.v.name)
			continue
		}
		c.add(fileState, ch.line, ch.v.name, "keep in conn what belongs to a connection",
			"%s %s %s, which belongs to one of several Lua VMs and not to a connection", c.whoChanges(ch.fn), verb, ch.v.name)
	}
}

func (c *checker) whoChanges(fn *function) string {
	for f := fn; f != nil; f = f.parent {
		if len(f.hooks) > 0 {
			return oneOf(f.hooks)
		}
	}
	return nameOf(fn)
}

// ofFile reports a local of the file, or a global that the file declares.
func (c *checker) ofFile(v *variable) bool {
	if v.owner != nil {
		return v.owner == c.file
	}
	if c.known[v.name] {
		return false
	}
	for _, a := range c.assigns {
		if c.globalTarget(a.target) == v && (a.fn == c.file || c.reach.load[a.fn]) {
			return true
		}
	}
	return false
}

// changes lists what functions assign and fill, in source order.
func (c *checker) changes() []change {
	var list []change
	for _, a := range c.assigns {
		if a.fn == c.file || a.lazy || c.isDefault(a) {
			continue
		}
		if attr, ok := a.target.(*ast.AttrGetExpr); ok && c.throughG(attr) == "" {
			if v := c.filled(attr.Object); v != nil {
				list = append(list, change{v, a.line, a.fn, true})
			}
			continue
		}
		if v := c.assigned(a.target); v != nil && c.hookTarget(a.target) == "" {
			list = append(list, change{v, a.line, a.fn, false})
		}
	}
	for _, call := range c.calls {
		if call.fn == c.file || !c.fills(call.node) {
			continue
		}
		if v := c.filled(call.node.Args[0]); v != nil {
			list = append(list, change{v, call.node.Line(), call.fn, true})
		}
	}
	slices.SortStableFunc(list, func(a, b change) int { return a.line - b.line })
	return list
}

func (c *checker) assigned(target ast.Expr) *variable {
	if id, ok := target.(*ast.IdentExpr); ok {
		return c.idents[id]
	}
	return c.globalTarget(target)
}

// isDefault reports x = x or value, which every VM may do for itself.
func (c *checker) isDefault(a assign) bool {
	or, ok := a.value.(*ast.LogicalOpExpr)
	if !ok || or.Operator != "or" {
		return false
	}
	left, ok := or.Lhs.(*ast.IdentExpr)
	target, same := a.target.(*ast.IdentExpr)
	return ok && same && c.idents[left] == c.idents[target]
}

// filled returns the variable a table was reached from: t in t.a.b. What is
// not a table made in this file, a module for one, looks after itself.
func (c *checker) filled(e ast.Expr) *variable {
	for {
		attr, ok := e.(*ast.AttrGetExpr)
		if !ok {
			break
		}
		if name := c.throughG(attr); name != "" {
			return c.globals[name]
		}
		e = attr.Object
	}
	id, ok := e.(*ast.IdentExpr)
	if !ok || c.idents[id].opaque || !holdsTable(c.idents[id]) {
		return nil
	}
	return c.idents[id]
}

func holdsTable(v *variable) bool {
	return slices.ContainsFunc(v.defs, func(d def) bool {
		_, ok := d.expr.(*ast.TableExpr)
		return ok
	})
}

// fills reports a call that puts something into its first argument.
func (c *checker) fills(e *ast.FuncCallExpr) bool {
	if e.Func == nil || len(e.Args) == 0 {
		return false
	}
	switch c.src.flow.builtin(e.Func) {
	case "table.insert", "table.remove", "rawset":
		return true
	}
	return false
}

// resettingCounters finds conn.n = (conn.n or 0) + 1 in mail: each message
// begins there with a fresh layer, so the count never gets past 1, unless a
// hook of the connection has set the key.
func (c *checker) resettingCounters() {
	for _, a := range c.assigns {
		name := c.counter(a)
		if name == "" || c.keptLonger(name) {
			continue
		}
		conn := a.fn.params[0].name
		c.add(resettingCounter, a.line, name, "to count over the whole connection, use "+conn+".connection."+name,
			"%s.%s starts anew with each message, so after mail it is always the same", conn, name)
	}
}

// counter returns the key that mail counts up in its own conn, "" if a is
// something else.
func (c *checker) counter(a assign) string {
	attr, ok := a.target.(*ast.AttrGetExpr)
	if !ok || a.value == nil || len(a.fn.hooks) != 1 || !a.fn.isHook("mail") || len(a.fn.params) == 0 {
		return ""
	}
	id, ok := attr.Object.(*ast.IdentExpr)
	if !ok || c.idents[id] != a.fn.params[0] {
		return ""
	}
	name, _ := c.constant(attr.Key)
	sum, ok := a.value.(*ast.ArithmeticOpExpr)
	if !ok || name == "" || !c.defaults(sum.Lhs, id, name) && !c.defaults(sum.Rhs, id, name) {
		return ""
	}
	return name
}

// defaults reports (conn.name or number).
func (c *checker) defaults(e ast.Expr, conn *ast.IdentExpr, name string) bool {
	or, ok := e.(*ast.LogicalOpExpr)
	if !ok || or.Operator != "or" || !c.isNumeric(or.Rhs) {
		return false
	}
	attr, ok := or.Lhs.(*ast.AttrGetExpr)
	if !ok {
		return false
	}
	id, ok := attr.Object.(*ast.IdentExpr)
	key, _ := c.constant(attr.Key)
	return ok && c.idents[id] == c.idents[conn] && key == name
}

// keptLonger reports a key that a hook of the connection, a helper, or any
// hook through conn.connection sets: anything but a hook of the message.
func (c *checker) keptLonger(name string) bool {
	for _, a := range c.assigns {
		attr, ok := a.target.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		key, known := c.constant(attr.Key)
		if known && key != name || !known && c.src.flow.kindOf(attr.Object)&data == 0 {
			continue
		}
		id, plain := attr.Object.(*ast.IdentExpr)
		own := plain && len(a.fn.params) > 0 && c.idents[id] == a.fn.params[0]
		if !own || len(a.fn.hooks) == 0 || ofConnection(a.fn) {
			return true
		}
	}
	return false
}

func ofConnection(fn *function) bool {
	return fn.isHook("connect") || fn.isHook("helo") || fn.isHook("negotiate")
}
