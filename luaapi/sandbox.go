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

// addConstants sets the members of a library that are no functions.
func (e *Env) addConstants(name string, lib *lua.LTable) {
	switch name {
	case "json":
		lib.RawSetString("null", e.jsonNull)
	case "math":
		lib.RawSetString("pi", lua.LNumber(math.Pi))
		lib.RawSetString("huge", lua.LNumber(math.Inf(1)))
	case "utf8":
		lib.RawSetString("charpattern", lua.LString(charPattern))
	}
}

// openGlobals has libraries appear among the globals when a script first names them.
func (e *Env) openGlobals() {
	e.globalsMeta = e.metatable("globals", map[string]lua.LGFunction{"__index": func(L *lua.LState) int {
		L.Push(e.global(L.Get(2)))
		return 1
	}})
	e.L.SetMetatable(e.L.G.Global, e.globalsMeta)
}

// global returns a library that a script names for the first time; nil if there is none, or the script has put something else in its
// place since.
func (e *Env) global(key lua.LValue) lua.LValue {
	name, ok := key.(lua.LString)
	if !ok || e.named[string(name)] {
		return lua.LNil
	}
	for i := range e.modules {
		if m := &e.modules[i]; m.Kind == Library && m.Name == string(name) {
			lib := e.library(m.Name)
			e.named[m.Name] = true
			e.L.G.Global.RawSetString(m.Name, lib)
			return lib
		}
	}
	return lua.LNil
}

// Freeze ends the time in which globals can be declared, and timers made: from then on, an assignment to one that does not exist is an error.
func (e *Env) Freeze() {
	e.loaded = true
	e.globalsMeta.RawSetString("__newindex", e.L.NewFunction(func(L *lua.LState) int {
		L.RaiseError("assignment to the undeclared global %q (did you forget local?)", L.Get(2).String())
		return 0
	}))
}
