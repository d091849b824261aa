package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

// stringOf returns the text of a value; a __tostring may give anything.
func stringOf(L *lua.LState, v lua.LValue) lua.LValue {
	switch v := v.(type) {
	case lua.LString:
		return v
	case lua.LNumber:
		return lua.LString(luaNumber(v))
	}
	meta := L.GetMetaField(v, "__tostring")
	if meta == lua.LNil {
		return lua.LString(v.String())
	}
	L.Push(meta)
	L.Push(v)
	L.Call(1, 1)
	result := L.Get(-1)
	L.Pop(1)
	return result
}
