package luaapi

import (
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

// The arguments of functions. Those of methods count from 2, because 1 is the object.

// text returns an argument that is a string; a number is taken as one.
func text(L *lua.LState, function string, arg int, what string) string {
	switch v := L.Get(arg).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return fullNumber(v)
	default:
		L.RaiseError("%s: %s is %s; a string was expected", function, what, kindOf(v))
		return ""
	}
}

// content returns an argument that is a string; a body does for one, without a copy.
func content(L *lua.LState, function string, arg int) string {
	if ud, ok := L.Get(arg).(*lua.LUserData); ok && isBody(ud.Value) {
		return textOfBody(L, ud.Value)
	}
	return text(L, function, arg, "the text")
}

// optionalText is text for an argument that may be missing.
func optionalText(L *lua.LState, function string, arg int, what string) (s string, given bool) {
	if L.Get(arg) == lua.LNil {
		return "", false
	}
	return text(L, function, arg, what), true
}

// float returns an argument that is a number.
func float(L *lua.LState, function string, arg int, what string) float64 {
	n, ok := L.Get(arg).(lua.LNumber)
	if !ok {
		L.RaiseError("%s: %s is %s; a number was expected", function, what, kindOf(L.Get(arg)))
	}
	return float64(n)
}

// integer returns an argument that is a whole number.
func integer(L *lua.LState, function string, arg int, what string) int {
	n, ok := L.Get(arg).(lua.LNumber)
	if !ok {
		L.RaiseError("%s: %s is %s; a whole number was expected", function, what, kindOf(L.Get(arg)))
	}
	if lua.LNumber(int32(n)) != n {
		L.RaiseError("%s: %s is %s; a whole number was expected", function, what, fullNumber(n))
	}
	return int(n)
}

// which returns an argument that says which field of a name is meant: 1 the first, -1 the last.
func which(L *lua.LState, function string, arg, def int) int {
	if L.Get(arg) == lua.LNil {
		return def
	}
	n := integer(L, function, arg, "n")
	if n == 0 {
		L.RaiseError("%s: there is no field 0; 1 is the first of that name, -1 the last", function)
	}
	return n
}

// boolean returns an argument that is true or false.
func boolean(L *lua.LState, function string, arg int, what string) bool {
	b, ok := L.Get(arg).(lua.LBool)
	if !ok {
		L.RaiseError("%s: %s is %s; true or false was expected", function, what, kindOf(L.Get(arg)))
	}
	return bool(b)
}

// receiver returns the object that a method was called on, as long as it is one.
func receiver(L *lua.LState, object, method string) *lua.LUserData {
	ud, ok := L.Get(1).(*lua.LUserData)
	if !ok {
		raiseNoMethod(L, object, method)
	}
	return ud
}

// raiseNoMethod raises the error of a method that was called with a dot.
func raiseNoMethod(L *lua.LState, object, method string) {
	L.RaiseError("%s is a method: write %s:%s(...), with a colon", method, object, method)
}

// kindOf names what a value is, for errors.
func kindOf(v lua.LValue) string {
	switch v := v.(type) {
	case *lua.LNilType:
		return "nil"
	case *lua.LUserData:
		return "a " + userdataName(v)
	case *lua.LState:
		return "a coroutine"
	}
	return "a " + v.Type().String()
}

// userdataName names the kind of an object by its metatable.
func userdataName(v *lua.LUserData) string {
	if mt, ok := v.Metatable.(*lua.LTable); ok {
		if name, ok := mt.RawGetString("__metatable").(lua.LString); ok {
			return string(name)
		}
	}
	return "userdata"
}

// fullNumber writes a number for people and other programs, in header values, replies, the log and errors: whole numbers with all
// digits, of which Lua's tostring has 14, others as tostring does.
func fullNumber(n lua.LNumber) string {
	f := float64(n)
	if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return number.Text(f)
}
