package lint

import "github.com/yuin/gopher-lua/ast"

// reach knows which functions run in which circumstances. A function that
// another mentions is taken to be called by it.
type reach struct {
	*model
	mentions map[*function][]*function
	hooks    map[*function]bool // run inside some hook
	load     map[*function]bool // run while the script is loaded; see checker.timers, as for the next
	timers   map[*function]bool // run inside some timer
}

func newReach(m *model) *reach {
	r := &reach{model: m, mentions: map[*function][]*function{}}
	for _, v := range m.variables {
		fns, _ := m.functionsIn(v)
		for _, rd := range v.reads {
			r.mention(rd.fn, fns)
		}
	}
	for _, ix := range m.indexes {
		if name, ok := m.constant(ix.node.Key); ok && !ix.write {
			r.mention(ix.fn, m.methods[name])
		}
	}
	for _, c := range m.calls {
		if c.node.Func == nil {
			r.mention(c.fn, m.methods[c.node.Method])
		}
	}
	for _, fn := range m.functions {
		r.mention(fn.parent, []*function{fn})
	}
	r.hooks = r.from(r.hookRoots())
	return r
}

func (r *reach) mention(from *function, to []*function) {
	if from != r.file && len(to) > 0 {
		r.mentions[from] = append(r.mentions[from], to...)
	}
}

// from returns the functions that run when the roots do.
func (r *reach) from(roots []*function) map[*function]bool {
	seen := map[*function]bool{}
	for len(roots) > 0 {
		fn := roots[len(roots)-1]
		roots = roots[:len(roots)-1]
		if seen[fn] {
			continue
		}
		seen[fn] = true
		roots = append(roots, r.mentions[fn]...)
	}
	return seen
}

// hookRoots are the hooks, and what is given to a function that makes a hook.
func (r *reach) hookRoots() []*function {
	var roots []*function
	for _, a := range r.assigns {
		if r.hookTarget(a.target) != "" && a.value != nil {
			roots = append(roots, r.within(a.value)...)
		}
	}
	return roots
}

// loadRoots are the functions that the file itself calls, or gives to others
// to call, but for arguments that are called later.
func (r *reach) loadRoots(later map[ast.Expr]bool) []*function {
	var roots []*function
	for _, c := range r.calls {
		if c.fn != r.file {
			continue
		}
		if c.node.Func != nil {
			roots = append(roots, r.within(c.node.Func)...)
		} else {
			roots = append(roots, r.methods[c.node.Method]...)
		}
		for _, a := range c.node.Args {
			if !later[a] {
				roots = append(roots, r.within(a)...)
			}
		}
	}
	return roots
}

// within returns the functions an expression names or contains.
func (r *reach) within(e ast.Expr) []*function {
	var found []*function
	inspect(e, func(n ast.PositionHolder) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return false
		}
		if _, both := e.(*ast.LogicalOpExpr); !both {
			fns, _ := r.functionsOf(e)
			found = append(found, fns...)
		}
		_, isFunction := e.(*ast.FunctionExpr)
		return !isFunction
	})
	return found
}
