package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

var baseModule = Module{
	"base", Globals,
	"The basic functions of Lua 5.1, and `load` and `rawlen` of later ones. `print` is with [text](#text). There is no `collectgarbage`, `dofile`, `getfenv`, `loadfile`, `loadstring`, `module`, `newproxy` and `setfenv`.",
	[]Property{
		{"_G", "table", "The script's globals.", manualBase},
		{"_VERSION", "string", "`Lua 5.1`.", manualBase},
	},
	[]Func{
		{"assert", "v: any, message: any?, ...: any?", "any", "", "Raises `message` as an error if `v` is false or nil; \"assertion failed!\" if there is none. Otherwise gives `v`, `message` and `...` back.", "", manualBase, plainly(assert)},
		{"error", "message: any, level: integer?", "", "", "Raises `message` as an error, which ends the hook unless `pcall` catches it. Text gets the file and line put before it: with `level` 1, the default, those of the call of `error`; with 2 those of the caller of that function, and so on; with 0 none.", "Always.", manualBase, plainly(raise)},
		{"getmetatable", "object: any", "any", "", "The metatable of `object`, or the `__metatable` in it; nil if it has none.", "", manualBase, plainly(getMetatable)},
		{"ipairs", "t: table", "function", "", "For `for i, v in ipairs(t)`: goes through the array `t`: `t[1]`, `t[2]` and so on, up to the first nil.", "", manualBase, (*Env).bindIpairs},
		{"load", "chunk: string|function, chunkname: string?, mode: string?, env: table?", "function?, string?", "", "Compiles `chunk`, a string or a function that gives one piece after the other, to a function with the globals `env`, by default those of the caller. Errors call it `chunkname`. The `mode` must allow text (`t`). If there is a mistake in it, nil and the error. A script that uses `load` gets all events: nobody can tell from its text which it needs.", "", manual2 + "load", (*Env).bindLoad},
		{"next", "t: table, key: any?", "any", "", "The key after `key` in `t`, and its value; the first ones if `key` is nil, nil after the last. Fields may be cleared on the way, not added.", "", manualBase, plainly(nextPair)},
		{"pairs", "t: table", "function", "", "For `for k, v in pairs(t)`: goes through all keys of `t`, array first.", "", manualBase, (*Env).bindPairs},
		{"pcall", "f: any, ...: any", "boolean", "", "Calls `f` with `...`. Gives true and what that gives, or false and the error. A hook that has used up its budget ends all the same.", "", manualBase, bindPcall},
		{"rawequal", "a: any, b: any", "boolean", "", "Whether `a` and `b` are the same, whatever `__eq` says.", "", manualBase, plainly(rawEqual)},
		{"rawget", "t: table, key: any", "any", "", "`t[key]` as it is, without `__index`: `t` is a table, `key` any value.", "", manualBase, plainly(rawGet)},
		{"rawlen", "v: table|string", "integer", "", "The length of `v` without `__len`.", "", manual2 + "rawlen", plainly(rawLen)},
		{"rawset", "t: table, key: any, value: any", "table", "", "`t[key] = value` without `__newindex`. Gives `t` back; `key` is neither nil nor nan, `value` may be nil.", "", manualBase, plainly(rawSet)},
		{"select", "n: integer|string, ...: any", "any", "", "All of `...` from the `n`-th on; with a negative `n`, counted from the end. How many there are if `n` is `\"#\"`.", "`n` is 0, or before the first.", manualBase, plainly(selectFrom)},
		{"setmetatable", "t: table, metatable: table?", "table", "", "Gives `t` a `metatable`, or takes it away. Gives `t` back.", "The metatable that `t` has is protected by a `__metatable`.", manualBase, plainly(setMetatable)},
		{"tonumber", "v: any, base: integer?", "number?", "", "The number that `v` is, or says as a string, also in hexadecimal (`0x1F`); with a `base` of 2 to 36, a whole number in that base. Nil if it is none.", "`base` is out of range.", manualBase, plainly(toNumberOf)},
		{"tostring", "v: any", "string", "", "The text of `v`: what its `__tostring` gives; numbers with 14 digits.", "", manualBase, plainly(toStringOf)},
		{"type", "v: any", "string", "", "What `v` is: `nil boolean number string table function thread userdata`.", "", manualBase, plainly(typeOf)},
		{"unpack", "t: table, i: integer?, j: integer?", "any", "", "The values of the array `t` from `i` to `j`, by default all.", "There are tens of thousands of them.", manualBase, (*Env).bindUnpack},
		{"xpcall", "f: any, handler: function", "boolean", "", "Calls `f`. Gives true and what that gives, or false and what `handler` makes of the error.", "", manualBase, bindXpcall},
	},
}

// Where the functions are described.
const (
	manualBase = "Lua 5.1 manual section 5.1"
	manual2    = "Lua 5.2 manual: "
	manual3    = "Lua 5.3 manual: "
)

// plainly binds a function that needs nothing of the Env.
func plainly(fn lua.LGFunction) func(*Env) lua.LGFunction {
	return func(*Env) lua.LGFunction { return fn }
}

func bindPcall(e *Env) lua.LGFunction  { return e.pcall }
func bindXpcall(e *Env) lua.LGFunction { return e.xpcall }

// getMetatable is getmetatable(object). What operators.go gives values that have none in Lua is not shown.
func getMetatable(L *lua.LState) int {
	v := checkAny(L, "getmetatable", 1)
	switch v.(type) {
	case *lua.LTable, *lua.LUserData, lua.LString:
		L.Push(L.GetMetatable(v))
	default:
		L.Push(lua.LNil)
	}
	return 1
}

// setMetatable is setmetatable(t, metatable), for tables only: gopher-lua's gives all numbers, or all functions, of the VM one.
func setMetatable(L *lua.LState) int {
	t := checkTable(L, "setmetatable", 1)
	mt, ok := L.Get(2).(*lua.LTable)
	if !ok && (!missing(L, 2) || L.GetTop() < 2) {
		argError(L, "setmetatable", 2, "nil or table expected")
	}
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		L.RaiseError("cannot change a protected metatable")
	}
	t.Metatable = lua.LNil
	if ok {
		t.Metatable = mt
	}
	L.SetTop(1)
	return 1
}

func rawEqual(L *lua.LState) int {
	L.Push(lua.LBool(L.RawEqual(checkAny(L, "rawequal", 1), checkAny(L, "rawequal", 2))))
	return 1
}

func rawGet(L *lua.LState) int {
	L.Push(checkTable(L, "rawget", 1).RawGet(checkAny(L, "rawget", 2)))
	return 1
}

func rawSet(L *lua.LState) int {
	t, key, value := checkTable(L, "rawset", 1), checkAny(L, "rawset", 2), checkAny(L, "rawset", 3)
	if n, ok := key.(lua.LNumber); ok {
		orRaisePlainly(L, guardOf(L).set(t, n))
	}
	L.RawSet(t, key, value)
	L.SetTop(1)
	return 1
}

func rawLen(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case *lua.LTable:
		L.Push(wholeNumber(v.Len()))
	case lua.LString:
		L.Push(wholeNumber(len(v)))
	default:
		argError(L, "rawlen", 1, "table or string expected")
	}
	return 1
}

// selectFrom is select(n, ...).
func selectFrom(L *lua.LState) int {
	top := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && s != "" && s[0] == '#' {
		L.Push(wholeNumber(top - 1))
		return 1
	}
	n := checkInt(L, "select", 1)
	switch {
	case n < 0:
		n += top
	case n > top:
		n = top
	}
	if n < 1 {
		argError(L, "select", 1, "index out of range")
	}
	return top - n
}

func typeOf(L *lua.LState) int {
	L.Push(typeNames[checkAny(L, "type", 1).Type()])
	return 1
}

// typeNames are what type gives, ready to be values.
var typeNames = func() (names [lua.LTChannel + 1]lua.LValue) {
	for t := range names {
		names[t] = lua.LString(lua.LValueType(t).String())
	}
	return names
}()

// bindUnpack makes unpack(t, i, j).
func (e *Env) bindUnpack() lua.LGFunction {
	return func(L *lua.LState) int {
		t := checkTable(L, "unpack", 1)
		i := optInt(L, "unpack", 2, 1)
		j := optInt(L, "unpack", 3, t.Len())
		if i > j {
			return 0
		}
		n := j - i + 1
		if !reserve(L, n) {
			L.RaiseError("too many results to unpack")
		}
		e.spend(L, n/8)
		for ; i <= j; i++ {
			L.Push(rawIndex(t, i))
		}
		return n
	}
}

// maxResults is how many values a function gives at most.
const maxResults = 50_000

// registrySlack is what reserve leaves of the registry to the functions that are called next.
const registrySlack = 2048

// reserve makes room for so many values on the stack, at once and not step by step. It reports false if there is not that much.
func reserve(L *lua.LState, n int) bool {
	top := L.GetTop()
	if n > maxResults || n > options.RegistryMaxSize-registrySlack-(*frameOf(L)).LocalBase-top {
		return false
	}
	if n > maxResults || n > options.RegistryGrowStep {
		L.SetTop(top + n)
		L.SetTop(top)
	}
	return true
}

// rawIndex returns t[i] without metamethods.
func rawIndex(t *lua.LTable, i int) lua.LValue {
	if 0 < i && i < maxArray {
		return t.RawGetInt(i)
	}
	return t.RawGet(lua.LNumber(i))
}

// spend counts the work of a loop as so many instructions.
func (e *Env) spend(L *lua.LState, instructions int) {
	orRaisePlainly(L, e.Budget.Spend(int64(instructions)))
}

// orRaisePlainly raises an error that says all by itself.
func orRaisePlainly(L *lua.LState, err error) {
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
}
