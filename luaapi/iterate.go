package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

// bindIpairs makes ipairs(t).
func (e *Env) bindIpairs() lua.LGFunction {
	step := e.L.NewFunction(nextIndex)
	return func(L *lua.LState) int {
		checkTable(L, "ipairs", 1)
		L.SetTop(1)
		L.Insert(step, 1)
		L.Push(whole[0])
		return 3
	}
}

// nextIndex is a step of ipairs.
func nextIndex(L *lua.LState) int {
	i := checkInt(L, "ipairs", 2) + 1
	v := rawIndex(checkTable(L, "ipairs", 1), i)
	if v == lua.LNil {
		return 0
	}
	L.Push(wholeNumber(i))
	L.Push(v)
	return 2
}

// bindPairs makes pairs(t).
func (e *Env) bindPairs() lua.LGFunction {
	step := e.L.NewFunction(nextPair)
	return func(L *lua.LState) int {
		checkTable(L, "pairs", 1)
		L.SetTop(1)
		L.Insert(step, 1)
		L.Push(lua.LNil)
		return 3
	}
}

// nextPair is next(t, key), and a step of pairs.
func nextPair(L *lua.LState) int {
	t := checkTable(L, "next", 1)
	key := L.Get(2)
	if i, ok := arrayIndex(key); ok {
		if v := t.RawGetInt(i + 1); v != lua.LNil {
			L.Push(wholeNumber(i + 1))
			L.Push(v)
			return 2
		}
	}
	k, v := t.Next(key)
	if k == lua.LNil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(k)
	L.Push(v)
	return 2
}

// arrayIndex returns the place in the array that a key of next stands for, 0 for nil.
func arrayIndex(key lua.LValue) (int, bool) {
	switch key := key.(type) {
	case *lua.LNilType:
		return 0, true
	case lua.LNumber:
		i := int(key)
		return i, 0 < i && i < maxArray && lua.LNumber(i) == key
	}
	return 0, false
}
