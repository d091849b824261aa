package luaapi

import lua "github.com/yuin/gopher-lua"

// option is one key of a table of options.
type option struct {
	name string
	take func(L *lua.LState, function, name string, v lua.LValue)
}

// takeOptions reads a table of options, which may be missing. A key that is not known is an error.
func takeOptions(L *lua.LState, function string, arg int, known ...option) {
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
	raiseUnknown(L, function, key.String(), names...)
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
