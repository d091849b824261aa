package luaapi

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

// The arguments of Lua's own libraries, with Lua's own errors: "bad argument #1 to 'insert' (table expected, got nil)". A string that
// is a number is taken for one, and the other way round. What args.go has is for our own functions, which say more.

// argError raises Lua's error for an argument that is not what a library function takes. Those of a method count without the object.
func argError(L *lua.LState, function string, arg int, why string) {
	if calledAsMethod(L) {
		arg--
		if arg == 0 {
			L.RaiseError("calling '%s' on bad self (%s)", function, why)
		}
	}
	L.RaiseError("bad argument #%d to '%s' (%s)", arg, function, why)
}

func typeError(L *lua.LState, function string, arg int, expected string) {
	got := "no value"
	if arg <= L.GetTop() {
		got = L.Get(arg).Type().String()
		if ud, ok := L.Get(arg).(*lua.LUserData); ok {
			got = userdataName(ud)
		}
	}
	argError(L, function, arg, expected+" expected, got "+got)
}

func missing(L *lua.LState, arg int) bool { return L.Get(arg) == lua.LNil }

// checkAny makes sure that there is an argument, if only nil.
func checkAny(L *lua.LState, function string, arg int) lua.LValue {
	if arg > L.GetTop() {
		argError(L, function, arg, "value expected")
	}
	return L.Get(arg)
}

func checkTable(L *lua.LState, function string, arg int) *lua.LTable {
	t, ok := L.Get(arg).(*lua.LTable)
	if !ok {
		typeError(L, function, arg, "table")
	}
	return t
}

func checkFunction(L *lua.LState, function string, arg int) *lua.LFunction {
	f, ok := L.Get(arg).(*lua.LFunction)
	if !ok {
		typeError(L, function, arg, "function")
	}
	return f
}

func checkNumber(L *lua.LState, function string, arg int) float64 {
	f, ok := toNumber(L.Get(arg))
	if !ok {
		typeError(L, function, arg, "number")
	}
	return f
}

// checkInt drops what comes after the point. A number beyond 53 bits is taken for the nearest that is not, so that no arithmetic with it
// overflows; what is no number counts as 0.
func checkInt(L *lua.LState, function string, arg int) int {
	return toInt(checkNumber(L, function, arg))
}

func optInt(L *lua.LState, function string, arg, def int) int {
	if missing(L, arg) {
		return def
	}
	return checkInt(L, function, arg)
}

func checkString(L *lua.LState, function string, arg int) string {
	s, ok := toString(L.Get(arg))
	if !ok {
		typeError(L, function, arg, "string")
	}
	return s
}

func optString(L *lua.LState, function string, arg int, def string) string {
	if missing(L, arg) {
		return def
	}
	return checkString(L, function, arg)
}

// toNumber returns what a value is in arithmetic.
func toNumber(v lua.LValue) (float64, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return number.Parse(string(v))
	}
	return 0, false
}

// toString returns a string or a number as a string.
func toString(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return luaNumber(v), true
	}
	return "", false
}

func toInt(f float64) int {
	const most = 1 << 53
	if f != f {
		return 0
	}
	return int(math.Max(-most, math.Min(f, most)))
}

// luaNumber writes a number as Lua does in tostring and in .., with 14 digits. fullNumber is what people and other programs are given.
func luaNumber(n lua.LNumber) string { return number.Text(float64(n)) }

// whole holds the numbers that loops count, ready to be values: making one of them takes memory.
var whole = func() (values [1024]lua.LValue) {
	for i := range values {
		values[i] = lua.LNumber(i)
	}
	return values
}()

// wholeNumber returns a number as a value.
func wholeNumber(n int) lua.LValue {
	if 0 <= n && n < len(whole) {
		return whole[n]
	}
	return lua.LNumber(n)
}
