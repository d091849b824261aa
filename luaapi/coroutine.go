package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

var coroutineModule = Module{
	"coroutine", Library,
	"Functions that stop on the way and go on later, in later hooks too. All of them share the budget of the hook that runs them.",
	nil,
	[]Func{
		{"create", "f: function", "thread", "", "A coroutine that will run `f`.", "", manualCoroutine, inCoroutines((*coroutines).doCreate)},
		{"isyieldable", "", "boolean", "", "Whether `yield` works here.", "", manual3 + "coroutine.isyieldable", plainly(isYieldable)},
		{"resume", "co: thread, ...: any", "boolean", "", "Runs the coroutine `co` to its next `yield` or its end, with `...` as arguments or as what `yield` gives there. Gives true and the arguments of `yield`, or what the function gives; false and the error if there was one.", "", manualCoroutine, inCoroutines((*coroutines).doResume)},
		{"running", "", "thread?", "", "The coroutine that runs, nil outside of coroutines.", "", manualCoroutine, inCoroutines((*coroutines).doRunning)},
		{"status", "co: thread", "string", "", "What the coroutine `co` does: `running`, `suspended`, `normal` (it waits for another that it runs) or `dead`.", "", manualCoroutine, plainly(doStatus)},
		{"wrap", "f: function", "function", "", "A function that runs `f` as a coroutine, one part with each call. It gives what `resume` does, but raises errors.", "", manualCoroutine, inCoroutines((*coroutines).doWrap)},
		{"yield", "...: any", "any", "", "Stops the running coroutine and gives `...` to who runs it. Gives what that hands over when the coroutine goes on.", "It is called outside of coroutines, or a `pcall`, metamethod or iterator stands in between.", manualCoroutine, plainly(doYield)},
	},
}

const manualCoroutine = "Lua 5.1 manual section 5.2"

// coroutines is the library of one VM. gopher-lua's own switches between threads; around it stands what that leaves out: coroutines share
// the budget of the hook and the depth of its stack, a yield that Lua 5.1 refuses is refused, and an error in a wrapped coroutine is
// raised where it was called.
type coroutines struct {
	env            *Env
	create, resume lua.LGFunction // gopher-lua's
}

// openCoroutine takes what the library needs of gopher-lua's.
func (e *Env) openCoroutine() {
	e.L.Push(e.L.NewFunction(lua.OpenCoroutine))
	e.L.Call(0, 1)
	lib := e.L.Get(-1).(*lua.LTable)
	e.L.Pop(1)
	e.L.SetGlobal(lua.CoroutineLibName, lua.LNil)
	original := func(name string) lua.LGFunction { return lib.RawGetString(name).(*lua.LFunction).GFunction }
	e.co = coroutines{e, original("create"), original("resume")}
}

// inCoroutines binds a function of the library.
func inCoroutines(fn func(*coroutines, *lua.LState) int) func(*Env) lua.LGFunction {
	return func(e *Env) lua.LGFunction {
		return func(L *lua.LState) int { return fn(&e.co, L) }
	}
}

// newThread makes a coroutine of the function that is the first argument.
func (c *coroutines) newThread(L *lua.LState, function string) *lua.LState {
	if f, ok := L.Get(1).(*lua.LFunction); !ok || f.IsG {
		argError(L, function, 1, "Lua function expected")
	}
	c.env.Budget.Count(threadSize)
	ctx := L.RemoveContext() // or else the new thread gets one derived from it, for nothing
	c.create(L)
	L.SetContext(ctx)
	thread := L.Get(-1).(*lua.LState)
	L.Pop(1)
	watch(c.env, thread, 0)
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

// run resumes a coroutine, which is the first on the stack, before its arguments, and pushes true and what it gives, or false and an error.
// It returns how many values that are.
func (c *coroutines) run(L, thread *lua.LState) int {
	here, there := guardOf(L), guardOf(thread)
	if there.started {
		frame := *there.frame
		if frame == nil { // its function ended in "return yield(...)", and gopher-lua has taken it down
			thread.Dead = true
			L.Replace(1, lua.LTrue)
			return L.GetTop()
		}
		if wanted := operandC(frame.instruction()) - 1; wanted >= 0 { // by the call of yield: gopher-lua gives it what there is
			L.SetTop(1 + wanted)
		}
	}
	there.started = true
	there.depth = here.depth - (*here.frame).Idx - 1
	n := c.resume(L)
	if over := c.env.Budget.Err(); over != nil {
		L.RaiseError("%s", over.Error())
	}
	if L.Get(-n) == lua.LFalse {
		c.env.admit(L, L.Get(-1))
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
