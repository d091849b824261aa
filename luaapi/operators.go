package luaapi

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// openOperators gives strings, and values that no operator is for, metatables of their own. Strings in arithmetic are numbers as tonumber
// reads them, where gopher-lua takes "010" for 8; and what cannot be computed is an error in Lua's words.
func (e *Env) openOperators() {
	functions := map[string]lua.LGFunction{"__concat": refuseOperator("__concat", "concatenate"), "__len": refuseLength, "__unm": negate}
	for event, f := range map[string]func(a, b float64) float64{
		"__add": func(a, b float64) float64 { return a + b },
		"__sub": func(a, b float64) float64 { return a - b },
		"__mul": func(a, b float64) float64 { return a * b },
		"__div": func(a, b float64) float64 { return a / b },
		"__mod": modulo,
		"__pow": math.Pow,
	} {
		functions[event] = arithmetic(event, f)
	}
	strings := e.metatable("string", functions)
	strings.RawSetString("__index", e.stringMethods())
	e.L.SetMetatable(lua.LString(""), strings)
	others := e.metatable("value", functions)
	for _, v := range []lua.LValue{lua.LNil, lua.LFalse, lua.LNumber(0), e.L.NewFunction(raise), e.L} {
		e.L.SetMetatable(v, others)
	}
}

// stringMethods is where the methods of strings are found: in a table that no script can reach, so that text:find is always Lua's own, which
// Lend relies on; and behind that in the library, where scripts may add some.
func (e *Env) stringMethods() *lua.LTable {
	e.strings = stringModule.methods(e)
	e.strings.Metatable = e.metatable("string", map[string]lua.LGFunction{"__index": func(L *lua.LState) int {
		if library, named := e.libraries[lua.StringLibName]; named {
			L.Push(library.RawGet(L.Get(2)))
			return 1
		}
		return 0
	}})
	return e.strings
}

// modulo is a % b as gopher-lua has it.
func modulo(a, b float64) float64 {
	rest := math.Mod(a, b)
	if rest < 0 && b > 0 || rest > 0 && b < 0 {
		rest += b
	}
	return rest
}

// arithmetic is the metamethod of an operator for strings and numbers.
func arithmetic(event string, f func(a, b float64) float64) lua.LGFunction {
	refuse := refuseOperator(event, "perform arithmetic on")
	return func(L *lua.LState) int {
		if a, ok := toNumber(L.Get(1)); ok {
			if b, ok := toNumber(L.Get(2)); ok {
				L.Push(lua.LNumber(f(a, b) + 0)) // no -0, as between numbers
				return 1
			}
		}
		return refuse(L)
	}
}

// negate is the metamethod of the unary minus.
func negate(L *lua.LState) int {
	f, ok := toNumber(L.Get(1))
	if !ok {
		L.RaiseError("attempt to perform arithmetic on a %s value", L.Get(1).Type())
	}
	L.Push(lua.LNumber(-f))
	return 1
}

func refuseLength(L *lua.LState) int {
	L.RaiseError("attempt to get length of a %s value", L.Get(1).Type())
	return 0
}

// refuseOperator is the metamethod of an operator that does not know its operands: one of them may be an object that does.
func refuseOperator(event, doing string) lua.LGFunction {
	return func(L *lua.LState) int {
		a, b := L.Get(1), L.Get(2)
		for _, v := range []lua.LValue{a, b} {
			switch v.(type) {
			case *lua.LTable, *lua.LUserData:
				if method := L.GetMetaField(v, event); method != lua.LNil {
					L.Push(method)
					L.Push(a)
					L.Push(b)
					L.Call(2, 1)
					return 1
				}
			}
		}
		if fits(a, event) {
			a = b
		}
		L.RaiseError("attempt to %s a %s value", doing, a.Type())
		return 0
	}
}

// fits reports whether a value is not what is wrong with an operator.
func fits(v lua.LValue, event string) bool {
	if event == "__concat" {
		_, ok := toString(v)
		return ok
	}
	_, ok := toNumber(v)
	return ok
}
