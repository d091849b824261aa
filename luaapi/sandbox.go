package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

// forbidden are the functions of Lua's base library that scripts must not have: they read files, compile at run time,
// reach other scripts' environments, stop the world, or print into the daemon's output.
var forbidden = []string{
	"dofile", "loadfile", "loadstring", "load", "collectgarbage", "getfenv", "setfenv", "module", "newproxy", "print", "_printregs", "require",
}

// allowedOS are the functions of os that scripts may use.
var allowedOS = []string{"time", "clock", "date", "difftime"}

// openLua opens the parts of Lua's own library that are safe in a mail filter.
func openLua(L *lua.LState) {
	for _, lib := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
		{lua.StringLibName, lua.OpenString},
		{lua.MathLibName, lua.OpenMath},
		{lua.CoroutineLibName, lua.OpenCoroutine},
		{lua.OsLibName, lua.OpenOs},
	} {
		L.Push(L.NewFunction(lib.open))
		L.Push(lua.LString(lib.name))
		L.Call(1, 0)
	}
	for _, name := range forbidden {
		L.SetGlobal(name, lua.LNil)
	}
	os := L.GetGlobal("os").(*lua.LTable)
	safe := L.CreateTable(0, len(allowedOS))
	for _, name := range allowedOS {
		safe.RawSetString(name, os.RawGetString(name))
	}
	L.SetGlobal("os", safe)
	L.GetGlobal("string").(*lua.LTable).RawSetString("dump", lua.LNil)
	if mt, ok := L.GetMetatable(lua.LString("")).(*lua.LTable); ok {
		mt.RawSetString("__metatable", lua.LString("string"))
	}
	boundCoroutines(L)
}

// boundCoroutines makes coroutines share the budget of the hook that runs them: gopher-lua gives each a context of its own that
// never ends when its parent's does not use timers.
func boundCoroutines(L *lua.LState) {
	lib := L.GetGlobal(lua.CoroutineLibName).(*lua.LTable)
	create := lib.RawGetString("create").(*lua.LFunction).GFunction
	wrap := lib.RawGetString("wrap").(*lua.LFunction).GFunction
	lib.RawSetString("create", L.NewFunction(func(L *lua.LState) int {
		n := create(L)
		bind(L, L.Get(-1))
		return n
	}))
	lib.RawSetString("wrap", L.NewFunction(func(L *lua.LState) int {
		n := wrap(L)
		bind(L, L.Get(-1).(*lua.LFunction).Upvalues[0].Value())
		return n
	}))
}

func bind(L *lua.LState, thread lua.LValue) {
	if ctx := L.Context(); ctx != nil {
		thread.(*lua.LState).SetContext(ctx)
	}
}
