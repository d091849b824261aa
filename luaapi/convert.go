package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

// toStringOf is tostring(v).
func toStringOf(L *lua.LState) int {
	L.Push(stringOf(L, checkAny(L, "tostring", 1)))
	return 1
}

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

// toNumberOf is tonumber(v, base).
func toNumberOf(L *lua.LState) int {
	base := optInt(L, "tonumber", 2, 10)
	if base == 10 {
		v := checkAny(L, "tonumber", 1)
		if n, ok := v.(lua.LNumber); ok {
			L.Push(n)
			return 1
		}
		f, ok := toNumber(v)
		pushNumber(L, f, ok)
		return 1
	}
	s := checkString(L, "tonumber", 1)
	if base < 2 || base > 36 {
		argError(L, "tonumber", 2, "base out of range")
	}
	f, ok := number.ParseBase(s, base)
	pushNumber(L, f, ok)
	return 1
}

// pushNumber pushes a number, nil if it is none.
func pushNumber(L *lua.LState, f float64, ok bool) {
	if !ok {
		L.Push(lua.LNil)
		return
	}
	L.Push(lua.LNumber(f))
}
