package luaapi

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	luanumber "luamilter/luaapi/number"
)

// The arguments of Lua's own functions, taken and refused as PUC Lua 5.1 does (lauxlib.c): a number does for a string, and a string
// that is a number for a number. Ours have more to say, see args.go.

// checkText returns an argument that is a string.
func checkText(L *lua.LState, function string, arg int) string {
	switch v := L.Get(arg).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return luanumber.Text(float64(v))
	}
	typeError(L, function, arg, "string")
	return ""
}

// checkNumber returns an argument that is a number.
func checkNumber(L *lua.LState, function string, arg int) float64 {
	switch v := L.Get(arg).(type) {
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		if f, ok := luanumber.Parse(string(v)); ok {
			return f
		}
	}
	typeError(L, function, arg, "number")
	return 0
}

// checkInteger returns an argument that is a number, without its fraction.
func checkInteger(L *lua.LState, function string, arg int) int {
	return toInteger(checkNumber(L, function, arg))
}

// optInteger is checkInteger for an argument that may be missing.
func optInteger(L *lua.LState, function string, arg, def int) int {
	if L.Get(arg) == lua.LNil {
		return def
	}
	return checkInteger(L, function, arg)
}

// toInteger drops the fraction. What an int does not hold is the nearest that it does, and nan is 0; C leaves that undefined, and lua5.1
// makes the lowest of all of it on x86, so that ("x"):sub(1, math.huge) is empty.
func toInteger(f float64) int {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt:
		return math.MaxInt
	case f <= math.MinInt:
		return math.MinInt
	}
	return int(f)
}

// typeError raises Lua's error for an argument of another type.
func typeError(L *lua.LState, function string, arg int, want string) {
	argError(L, function, arg, want+" expected, got "+typeName(L, arg))
}

// typeName names the type of an argument, one of our objects by its name.
func typeName(L *lua.LState, arg int) string {
	if arg > L.GetTop() {
		return "no value"
	}
	if ud, ok := L.Get(arg).(*lua.LUserData); ok {
		return userdataName(ud)
	}
	return L.Get(arg).Type().String()
}

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

// calledAsMethod tells whether the running Go function was called with a colon: whether that put it into the register it was called from.
func calledAsMethod(L *lua.LState) bool {
	caller := (*frameOf(L)).Parent
	if caller == nil || caller.Fn.IsG {
		return false
	}
	code, at := caller.Fn.Proto.Code, caller.Pc-1
	if call := opcode(code[at]); call != lua.OP_CALL && call != lua.OP_TAILCALL {
		return false
	}
	for i := at - 1; i >= 0; i-- {
		if operandA(code[i]) != operandA(code[at]) {
			continue
		}
		switch opcode(code[i]) {
		case lua.OP_SELF:
			return true
		case lua.OP_GETGLOBAL, lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_GETUPVAL, lua.OP_MOVE, lua.OP_CALL, lua.OP_CLOSURE:
			return false
		}
	}
	return false
}
