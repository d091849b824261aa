package lint

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// hookNames finds global functions that were meant to be hooks.
func (c *checker) hookNames() {
	done := map[string]bool{}
	for _, a := range c.assigns {
		v := c.globalTarget(a.target)
		if v == nil || a.fn != c.file || done[v.name] || c.known[v.name] {
			continue
		}
		if fns, _ := c.functionsOf(a.value); len(fns) == 0 {
			continue
		}
		done[v.name] = true
		c.hookName(v, a.line)
	}
}

// hookName: in a module the functions may be for others to call.
func (c *checker) hookName(v *variable, line int) {
	used := c.usedOutside(v) || c.isModule() || c.readElsewhere(v.name)
	hook, sure := synonym(v.name)
	if hook == "" && !used {
		hook, sure = Nearest(v.name, c.api.Hooks), true
	}
	if hook == "" || !slices.Contains(c.api.Hooks, hook) || used && !sure {
		return
	}
	sev := Error
	if used {
		sev = Warning
	}
	c.addAs(sev, unknownHook, line, v.name, didYouMean(hook), "%s is not a hook", v.name)
}

// globalTarget returns the global that an assignment sets, or nil.
func (m *model) globalTarget(target ast.Expr) *variable {
	switch t := target.(type) {
	case *ast.IdentExpr:
		if v := m.idents[t]; v.owner == nil {
			return v
		}
	case *ast.AttrGetExpr:
		if name := m.throughG(t); name != "" {
			return m.globals[name]
		}
	}
	return nil
}

// hookValues finds hooks that are set to what cannot be called, and hooks set
// too late.
func (c *checker) hookValues() {
	early := map[string]bool{}
	for _, a := range c.assigns {
		if a.fn == c.file || c.reach.load[a.fn] {
			early[c.hookTarget(a.target)] = true
		}
	}
	for _, a := range c.assigns {
		hook := c.hookTarget(a.target)
		if hook == "" {
			continue
		}
		if what := literal(a.value); what != "" && a.fn == c.file {
			c.add(hookIsNoFunction, a.line, hook, "a hook is written function "+hook+"(...) ... end", "%s is a hook, but here it is %s", hook, what)
		}
		if !early[hook] {
			c.add(lateHook, a.line, hook, "define it at file level",
				"%s is set inside %s, too late: hooks are looked up when the script is loaded", hook, nameOf(a.fn))
		}
	}
}

// nameOf names a function in a sentence.
func nameOf(fn *function) string {
	if fn.name == "" {
		return "a function"
	}
	return fn.name
}

// literal describes a constant that is no function; "" for all else.
func literal(e ast.Expr) string {
	switch e.(type) {
	case *ast.StringExpr, *ast.StringConcatOpExpr:
		return "a string"
	case *ast.NumberExpr, *ast.ArithmeticOpExpr, *ast.UnaryMinusOpExpr, *ast.UnaryLenOpExpr:
		return "a number"
	case *ast.TrueExpr, *ast.FalseExpr, *ast.RelationalOpExpr, *ast.UnaryNotOpExpr:
		return "a boolean"
	case *ast.TableExpr:
		return "a table"
	}
	return ""
}

// hookLocals finds hooks declared local that nobody calls.
func (c *checker) hookLocals() {
	for _, v := range c.variables {
		if v.owner != c.file || v.block != 0 || v.opaque || !slices.Contains(c.api.Hooks, v.name) {
			continue
		}
		fns, _ := c.functionsIn(v)
		if len(fns) == 0 || c.usedOutside(v) || c.isSet(v.name) {
			continue
		}
		c.add(localHook, v.line, v.name, "remove local", "%s is local, so it is never called", v.name)
	}
}

func (c *checker) isSet(global string) bool {
	v := c.globals[global]
	return v != nil && len(v.defs) > 0
}

// hookTwice finds hooks of which only the second definition counts. Where the
// script reads the hook, as to wrap it, the first may still be in use.
func (c *checker) hookTwice() {
	first := map[string]int{}
	for _, a := range c.assigns {
		hook := c.hookTarget(a.target)
		if hook == "" || a.fn != c.file || a.block != 0 {
			continue
		}
		if fns, _ := c.functionsOf(a.value); len(fns) == 0 {
			continue
		}
		if line, twice := first[hook]; !twice {
			first[hook] = a.line
		} else if len(c.globals[hook].reads) == 0 {
			c.add(hookTwice, a.line, hook, "merge the two", "%s is defined a second time; the first, at line %d, is lost", hook, line)
		}
	}
}

// hookParams finds parameters that no hook passes a value for.
func (c *checker) hookParams() {
	for _, fn := range c.hookFunctions() {
		most := 0
		for _, hook := range fn.hooks {
			most = max(most, hookArgs[hook])
		}
		if len(fn.params) <= most {
			continue
		}
		extra := fn.params[most]
		c.add(extraParameter, fn.node.Line(), extra.name, c.whereInstead(fn, extra.name),
			"%s is called with %s, so %s is always nil", oneOf(fn.hooks), arguments(most), extra.name)
	}
}

func arguments(n int) string {
	return []string{"nothing", "conn only", "two arguments", "three arguments"}[min(n, 3)]
}

// whereInstead tells where a value is that other milter libraries pass.
func (c *checker) whereInstead(fn *function, param string) string {
	facts := map[string]string{
		"host": "host", "hostname": "host", "name": "host", "addr": "ip", "address": "ip",
		"ip": "ip", "port": "port", "family": "family",
	}
	if fact := facts[strings.ToLower(param)]; fact != "" && fn.isHook("connect") {
		return "the connection has it as conn." + fact
	}
	return ""
}
