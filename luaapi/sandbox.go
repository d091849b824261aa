package luaapi

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openLua opens what Lua's libraries rest on. The libraries themselves are modules like ours, but for string.
func (e *Env) openLua() {
	L := e.L
	L.SetGlobal("_G", L.Get(lua.GlobalsIndex))
	L.SetGlobal("_VERSION", lua.LString(lua.LuaVersion))
	L.Push(L.NewFunction(lua.OpenString))
	L.Push(lua.LString(lua.StringLibName))
	L.Call(1, 0)
	str := L.GetGlobal(lua.StringLibName).(*lua.LTable)
	str.RawSetString("dump", lua.LNil)
	str.RawSetString("rep", L.NewFunction(boundedRep))
	str.RawSetString("__index", lua.LNil)
	e.openOperators()
	e.caught = L.NewFunction(caught)
	e.openCoroutine()
}

// openConstants sets the members of libraries that are no functions.
func (e *Env) openConstants() {
	e.libraries["math"].RawSetString("pi", lua.LNumber(math.Pi))
	e.libraries["math"].RawSetString("huge", lua.LNumber(math.Inf(1)))
	e.libraries["utf8"].RawSetString("charpattern", lua.LString(charPattern))
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

// Freeze ends the time in which globals can be declared: from then on, an assignment to one that does not exist is an error.
func (e *Env) Freeze() {
	meta := e.metatable("globals", map[string]lua.LGFunction{"__newindex": func(L *lua.LState) int {
		L.RaiseError("assignment to the undeclared global %q (did you forget local?)", L.Get(2).String())
		return 0
	}})
	e.L.SetMetatable(e.L.G.Global, meta)
}
