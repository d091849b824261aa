package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

// Open gives a new VM, made without libraries, everything that scripts can use. It does not load any script.
func Open(L *lua.LState) *Env {
	e := &Env{L: L, libraries: map[string]*lua.LTable{}, names: map[string]lua.LValue{}}
	openLua(L)
	e.openVerdicts()
	e.openRecords()
	e.openConn()
	e.openMessage()
	e.openHeaders()
	e.openBody()
	e.openNegotiation()
	e.openText()
	for _, m := range Modules() {
		switch m.Kind {
		case Globals:
			for name, fn := range m.bindAll(e) {
				L.SetGlobal(name, L.NewFunction(fn))
			}
		case Library, Require:
			lib := m.methods(e)
			e.libraries[m.Name] = lib
			if m.Kind == Library {
				L.SetGlobal(m.Name, lib)
			}
		}
	}
	L.SetGlobal("require", L.NewFunction(e.require))
	return e
}

// require returns a built-in module.
func (e *Env) require(L *lua.LState) int {
	name := text(L, "require", 1, "the name")
	lib, ok := e.libraries[name]
	if !ok {
		L.RaiseError("module %q not found", name)
	}
	L.Push(lib)
	return 1
}

// GlobalNames returns the names that scripts find as globals, with the members of those that are tables.
func GlobalNames() map[string][]string {
	out := map[string][]string{}
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer L.Close()
	Open(L)
	L.Get(lua.GlobalsIndex).(*lua.LTable).ForEach(func(k, v lua.LValue) {
		var members []string
		if t, ok := v.(*lua.LTable); ok && k.String() != "_G" {
			t.ForEach(func(k, _ lua.LValue) { members = append(members, k.String()) })
		}
		out[k.String()] = members
	})
	return out
}

// metatable returns a metatable that scripts can neither read nor replace.
func (e *Env) metatable(name string, functions map[string]lua.LGFunction) *lua.LTable {
	mt := e.L.SetFuncs(e.L.CreateTable(0, len(functions)+1), functions)
	mt.RawSetString("__metatable", lua.LString(name))
	return mt
}

// readOnly is the __newindex of an object that scripts cannot assign to; instead says what to do.
func readOnly(object, instead string) lua.LGFunction {
	return func(L *lua.LState) int {
		L.RaiseError("%s is read only; %s", object, instead)
		return 0
	}
}

// object returns a value that a metatable gives its behaviour.
func (e *Env) object(value any, mt *lua.LTable) *lua.LUserData {
	return &lua.LUserData{Value: value, Env: e.L.Env, Metatable: mt}
}
