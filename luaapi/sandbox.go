package luaapi

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// openLua opens what Lua's libraries rest on. The libraries themselves are modules like ours.
func (e *Env) openLua() {
	L := e.L
	L.SetGlobal("_G", L.Get(lua.GlobalsIndex))
	L.SetGlobal("_VERSION", lua.LString(lua.LuaVersion))
	e.caught = L.NewFunction(caught)
	e.openCoroutine()
}

// openConstants sets the members of libraries that are no functions.
func (e *Env) openConstants() {
	e.libraries["math"].RawSetString("pi", lua.LNumber(math.Pi))
	e.libraries["math"].RawSetString("huge", lua.LNumber(math.Inf(1)))
	e.libraries["utf8"].RawSetString("charpattern", lua.LString(charPattern))
}

// Freeze ends the time in which globals can be declared: from then on, an assignment to one that does not exist is an error.
func (e *Env) Freeze() {
	meta := e.metatable("globals", map[string]lua.LGFunction{"__newindex": func(L *lua.LState) int {
		L.RaiseError("assignment to the undeclared global %q (did you forget local?)", L.Get(2).String())
		return 0
	}})
	e.L.SetMetatable(e.L.G.Global, meta)
}
