package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

// openCoroutine makes the coroutine library. gopher-lua's own switches between threads; around it stands what it leaves out: coroutines
// share the budget of the hook and the depth of its stack, a yield that Lua 5.1 refuses is refused, and an error in a wrapped
// coroutine is raised where it was called.
func (e *Env) openCoroutine() {
	lib := e.L.GetGlobal(lua.CoroutineLibName).(*lua.LTable)
	original := func(name string) lua.LGFunction { return lib.RawGetString(name).(*lua.LFunction).GFunction }
	co := coroutines{env: e, create: original("create"), resume: original("resume")}
	for name, fn := range map[string]lua.LGFunction{
		"create": co.doCreate, "resume": co.doResume, "wrap": co.doWrap, "yield": doYield, "status": doStatus, "running": co.doRunning, "isyieldable": isYieldable,
	} {
		lib.RawSetString(name, e.L.NewFunction(fn))
	}
}

// coroutines is the library of one VM.
type coroutines struct {
	env            *Env
	create, resume lua.LGFunction // gopher-lua's
}

// newThread makes a coroutine of the function that is the first argument.
func (c *coroutines) newThread(L *lua.LState, function string) *lua.LState {
	if L.Get(1).Type() != lua.LTFunction {
		argError(L, function, 1, "Lua function expected")
	}
	c.env.Budget.Count(threadSize)
	ctx := L.RemoveContext() // or else the new thread gets one derived from it, for nothing
	c.create(L)
	L.SetContext(ctx)
	thread := L.Get(-1).(*lua.LState)
	L.Pop(1)
	watch(c.env.Budget, thread, 0)
	return thread
}

// doCreate is coroutine.create(f).
func (c *coroutines) doCreate(L *lua.LState) int {
	L.Push(c.newThread(L, "create"))
	return 1
}

// doResume is coroutine.resume(co, ...).
func (c *coroutines) doResume(L *lua.LState) int {
	thread, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, "resume", 1, "coroutine expected")
	}
	if why := c.refused(L, thread); why != "" {
		L.Push(lua.LFalse)
		L.Push(lua.LString(why))
		return 2
	}
	return c.run(L, thread)
}

// run resumes a coroutine, which stands on the stack before its arguments, and pushes true and what it gives, or false and an error.
// It returns how many values that are.
func (c *coroutines) run(L, thread *lua.LState) int {
	here := L.Context().(*guard)
	thread.Context().(*guard).depth = here.depth - (*here.frame).Idx - 1
	n := c.resume(L)
	if over := c.env.Budget.Err(); over != nil {
		L.RaiseError("%s", over.Error())
	}
	if L.Get(-n) == lua.LFalse && isPanic(L.Get(-1)) {
		panic(L.Get(-1).String())
	}
	return n
}

// doWrap is coroutine.wrap(f).
func (c *coroutines) doWrap(L *lua.LState) int {
	thread := c.newThread(L, "wrap")
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if why := c.refused(L, thread); why != "" {
			L.RaiseError("%s", why)
		}
		L.Insert(thread, 1)
		n := c.run(L, thread)
		if L.Get(-n) == lua.LFalse {
			throw(L, L.Get(-1))
		}
		return n - 1
	}))
	return 1
}

// maxCoroutines is how many coroutines can wait for one another (Lua 5.1: LUAI_MAXCCALLS).
const maxCoroutines = 200

// refused says why L must not resume a coroutine, "" if it may.
func (c *coroutines) refused(L, thread *lua.LState) string {
	if status := statusOf(L, thread); status != "suspended" {
		return "cannot resume " + status + " coroutine"
	}
	deep := 0
	for up := L.Parent; up != nil; up = up.Parent {
		deep++
	}
	if deep >= maxCoroutines {
		return "more than 200 coroutines inside each other"
	}
	return ""
}

// statusOf returns what coroutine.status says of a thread while L runs.
func statusOf(L, thread *lua.LState) string {
	switch {
	case thread.Dead:
		return "dead"
	case thread == L:
		return "running"
	}
	for up := L.Parent; up != nil; up = up.Parent {
		if up == thread {
			return "normal"
		}
	}
	return "suspended"
}

// doStatus is coroutine.status(co).
func doStatus(L *lua.LState) int {
	thread, ok := L.Get(1).(*lua.LState)
	if !ok {
		argError(L, "status", 1, "coroutine expected")
	}
	L.Push(lua.LString(statusOf(L, thread)))
	return 1
}

// doRunning is coroutine.running(): nil outside coroutines.
func (c *coroutines) doRunning(L *lua.LState) int {
	if L == c.env.L {
		L.Push(lua.LNil)
	} else {
		L.Push(L)
	}
	return 1
}

// doYield is coroutine.yield(...).
func doYield(L *lua.LState) int {
	if !yieldable(L) {
		L.RaiseError("attempt to yield across metamethod/C-call boundary")
	}
	return -1 // gopher-lua's sign for a yield
}

// isYieldable is coroutine.isyieldable() of later Luas.
func isYieldable(L *lua.LState) int {
	L.Push(lua.LBool(yieldable(L)))
	return 1
}

// yieldable reports whether nothing but plain calls stands between the running function and the start of its coroutine: a Go function
// (pcall, table.sort), a metamethod, or the iterator of a for loop could not go on afterwards.
func yieldable(L *lua.LState) bool {
	if L.Parent == nil {
		return false
	}
	for f := (*frameOf(L)).Parent; f != nil; f = f.Parent {
		if f.Fn.IsG {
			return false
		}
		if code := opcode(f.instruction()); code != lua.OP_CALL && code != lua.OP_TAILCALL {
			return false
		}
	}
	return true
}
