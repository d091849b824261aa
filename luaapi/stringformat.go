package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/format"
	luanumber "luamilter/luaapi/number"
)

func (e *Env) stringFormat(L *lua.LState) int {
	layout := checkText(L, "format", 1)
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
		if err != nil {
			e.raise(L, err)
		}
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
	var s string
	if d.Verb == 's' {
		s = stringOf(L, L.Get(arg))
	} else {
		s = checkText(L, "format", arg)
	}
	if err := e.room(len(out), len(s)); err != nil {
		e.raise(L, err)
	}
	return d.AppendString(out, s)
}

// stringOf returns a value as tostring shows it. That %s takes any value, as in LuaJIT and Lua since 5.2, is more than Lua 5.1 does: a script
// that logs a nil should not end for it.
func stringOf(L *lua.LState, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return luanumber.Text(float64(v))
	}
	if L.GetMetaField(v, "__tostring") == lua.LNil {
		return v.String()
	}
	L.Push(L.GetMetaField(v, "__tostring"))
	L.Push(v)
	L.Call(1, 1)
	defer L.Pop(1)
	switch v := L.Get(-1).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return luanumber.Text(float64(v))
	}
	L.RaiseError("'__tostring' must return a string")
	return ""
}
