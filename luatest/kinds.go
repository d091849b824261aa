package luatest

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
)

// kinds has what makes the objects of a file behave, by their kind. Each is made when it is first needed.
type kinds struct {
	modules []luaapi.Module
	metas   map[string]*lua.LTable
}

// object returns a Go value as an object of a kind.
func (k *kinds) object(L *lua.LState, value any, kind string) *lua.LUserData {
	mt := k.metas[kind]
	if mt == nil {
		mt = k.meta(L, kind)
		k.metas[kind] = mt
	}
	return &lua.LUserData{Value: value, Env: L.Env, Metatable: mt}
}

// meta makes the metatable of a kind: its module's functions, and for a result its fields.
func (k *kinds) meta(L *lua.LState, kind string) *lua.LTable {
	methods := L.NewTable()
	for i := range k.modules {
		if k.modules[i].Name != kind {
			continue
		}
		for _, fn := range k.modules[i].Funcs {
			methods.RawSetString(fn.Name, L.NewFunction(fn.Bind(nil)))
		}
	}
	mt := L.NewTable()
	mt.RawSetString("__metatable", lua.LString(kind))
	mt.RawSetString("__index", methods)
	if kind == "result" {
		mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
			r := receive[*result](L, kind, "a field")
			if method := methods.RawGet(L.Get(2)); method != lua.LNil {
				L.Push(method)
				return 1
			}
			L.Push(r.field(L, L.Get(2).String()))
			return 1
		}))
		mt.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LString(receive[*result](L, kind, "tostring").String()))
			return 1
		}))
	}
	return mt
}

// receive returns the object that a method was called on.
func receive[T any](L *lua.LState, kind, method string) T {
	if ud, ok := L.Get(1).(*lua.LUserData); ok {
		if value, ok := ud.Value.(T); ok {
			return value
		}
	}
	L.RaiseError("%s is a method: write %s:%s(...), with a colon", method, kind, method)
	panic("not reached")
}
