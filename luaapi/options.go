package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
)

// option is one key of a table of options.
type option struct {
	name string
	take func(L *lua.LState, function, name string, v lua.LValue)
}

// readOptions reads a table of options, which may be missing. A key that is not known is an error.
func readOptions(L *lua.LState, function string, arg int, known ...option) {
	if L.Get(arg) == lua.LNil {
		return
	}
	t, ok := L.Get(arg).(*lua.LTable)
	if !ok {
		L.RaiseError("%s: options is %s; a table was expected", function, kindOf(L.Get(arg)))
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		optionNamed(L, function, k, known).take(L, function, "options."+k.String(), v)
	}
}

func optionNamed(L *lua.LState, function string, key lua.LValue, known []option) option {
	var names []string
	for _, o := range known {
		if key == lua.LString(o.name) {
			return o
		}
		names = append(names, o.name)
	}
	if near := lint.Nearest(key.String(), names); near != "" {
		L.RaiseError("%s: there is no option %s; did you mean %s?", function, shortKey(key), near)
	}
	L.RaiseError("%s: there is no option %s; there is %s", function, shortKey(key), strings.Join(names, ", "))
	return option{}
}

// boolOption is an option that is true or false.
func boolOption(name string, into *bool) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		b, ok := v.(lua.LBool)
		if !ok {
			L.RaiseError("%s: %s is %s; true or false was expected", function, name, kindOf(v))
		}
		*into = bool(b)
	}}
}

// textOption is an option that is a string.
func textOption(name string, into *string) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		s, ok := v.(lua.LString)
		if !ok {
			L.RaiseError("%s: %s is %s; a string was expected", function, name, kindOf(v))
		}
		*into = string(s)
	}}
}
