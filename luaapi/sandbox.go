package luaapi

import (
	"strings"

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
	protectStrings(L)
	tablesOnly(L)
	e.openProtect()
	e.openCoroutine()
}

// Freeze ends the time in which globals can be declared: from then on, an assignment to one that does not exist is an error.
func (e *Env) Freeze() {
	meta := e.metatable("globals", map[string]lua.LGFunction{"__newindex": func(L *lua.LState) int {
		L.RaiseError("assignment to the undeclared global %q (did you forget local?)", L.Get(2).String())
		return 0
	}})
	e.L.SetMetatable(e.L.G.Global, meta)
}

// protectStrings gives strings a metatable of their own that scripts cannot read or replace; gopher-lua makes it the string table itself.
func protectStrings(L *lua.LState) {
	str := L.GetGlobal(lua.StringLibName).(*lua.LTable)
	str.RawSetString("dump", lua.LNil)
	str.RawSetString("rep", L.NewFunction(boundedRep))
	str.RawSetString("__index", lua.LNil)
	mt := L.CreateTable(0, 2)
	mt.RawSetString("__index", str)
	mt.RawSetString("__metatable", lua.LString("string"))
	L.SetMetatable(lua.LString(""), mt)
}

// maxRep is the longest string, in bytes, that string.rep makes.
const maxRep = 64 << 20

// boundedRep is string.rep, which could otherwise take all memory of the machine in one call.
func boundedRep(L *lua.LState) int {
	s, n := L.CheckString(1), L.CheckNumber(2)
	if !(n >= 1) || s == "" {
		n = 0
	}
	if float64(n)*float64(len(s)) > maxRep {
		L.RaiseError("string.rep: %.0f times %d bytes is more than the %d bytes that a string may have", float64(n), len(s), maxRep)
	}
	L.Push(lua.LString(strings.Repeat(s, int(n))))
	return 1
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
