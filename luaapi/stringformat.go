package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/format"
)

func (e *Env) stringFormat(L *lua.LState) int {
	layout := checkString(L, "format", 1)
	e.spend(L, len(layout)/4)
	out := e.takeBuffer()
	arg := 1
	for layout != "" {
		literal, d, rest, err := format.Next(layout)
		out, layout = append(out, literal...), rest
		if err == nil && d.Verb == 0 {
			continue
		}
		arg++
		if arg > L.GetTop() {
			argError(L, "format", arg, "no value")
		}
		orRaisePlainly(L, err)
		out = e.appendArgument(L, out, d, arg)
	}
	e.grow(L, len(out))
	L.Push(lua.LString(e.made(out)))
	return 1
}

// appendArgument appends an argument as a directive says.
func (e *Env) appendArgument(L *lua.LState, out []byte, d format.Directive, arg int) []byte {
	if d.TakesNumber() {
		return d.AppendNumber(out, checkNumber(L, "format", arg))
	}
	s := formatted(L, d, arg)
	orRaisePlainly(L, e.room(len(out), len(s)))
	return d.AppendString(out, s)
}

// formatted returns the argument of %s or %q. That %s takes any value, as in LuaJIT and Lua since 5.2, is more than Lua 5.1 does: a script
// that logs a nil must not end for it.
func formatted(L *lua.LState, d format.Directive, arg int) string {
	v := L.Get(arg)
	if s, ok := toString(v); ok {
		return s
	}
	if d.Verb == 'q' {
		typeError(L, "format", arg, "string")
	}
	s, ok := toString(stringOf(L, v))
	if !ok {
		L.RaiseError("'__tostring' must return a string")
	}
	return s
}
