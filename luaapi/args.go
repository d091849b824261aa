package luaapi

import lua "github.com/yuin/gopher-lua"

// The arguments of methods, which count from 2 because 1 is the object. Errors name the function and the argument, so that
// the line in the log says what to mend.

func (e *Env) text(function string, arg int, what string) string {
	switch v := e.L.Get(arg).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return v.String()
	default:
		e.L.RaiseError("%s: %s is %s; a string was expected", function, what, v.Type())
		return ""
	}
}

func (e *Env) integer(function string, arg int, what string) int {
	v := e.L.Get(arg)
	n, ok := v.(lua.LNumber)
	if !ok {
		e.L.RaiseError("%s: %s is %s; a whole number was expected", function, what, v.Type())
	}
	if lua.LNumber(int32(n)) != n {
		e.L.RaiseError("%s: %s is %v; a whole number was expected", function, what, n)
	}
	return int(n)
}

// which returns an argument that says which field of a name is meant: 1 the first, -1 the last.
func (e *Env) which(function string, arg, def int) int {
	if e.L.Get(arg) == lua.LNil {
		return def
	}
	n := e.integer(function, arg, "n")
	if n == 0 {
		e.L.RaiseError("%s: there is no field 0; 1 is the first of that name, -1 the last", function)
	}
	return n
}
