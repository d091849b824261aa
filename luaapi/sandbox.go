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
func (e *Env) openLua() {
	L := e.L
	for _, lib := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
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
	tablesOnly(L)
	e.openProtect()
	e.openCoroutine()
}

// tablesOnly makes setmetatable refuse what is no table, as Lua 5.1 does: gopher-lua would give all numbers, or all functions, of the VM
// a metatable.
func tablesOnly(L *lua.LState) {
	set := L.GetGlobal("setmetatable").(*lua.LFunction).GFunction
	L.SetGlobal("setmetatable", L.NewFunction(func(L *lua.LState) int {
		if _, ok := L.Get(1).(*lua.LTable); !ok {
			L.RaiseError("setmetatable: the first argument is %s; a table was expected", kindOf(L.Get(1)))
		}
		return set(L)
	}))
}
