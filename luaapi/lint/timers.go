package lint

import "github.com/yuin/gopher-lua/ast"

// makesTimer is the function of the API that has another called every so often, and not while the script is loaded.
const makesTimer = "timer.every"

// timers finds the functions that timers call, and so those that run while the script is loaded.
func (c *checker) timers() {
	timed := map[ast.Expr]bool{}
	var roots []*function
	for _, call := range c.calls {
		if e := call.node; e.Func != nil && len(e.Args) > 1 && c.spelling(e.Func) == makesTimer {
			timed[e.Args[1]] = true
			roots = append(roots, c.reach.within(e.Args[1])...)
		}
	}
	c.reach.timers = c.reach.from(roots)
	c.reach.load = c.reach.from(c.reach.loadRoots(timed))
}
