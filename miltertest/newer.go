package miltertest

import lua "github.com/yuin/gopher-lua"

// addNewer adds the functions of Lua 5.3 that scripts for miltertest are likely to use and that do not need its syntax.
func addNewer(l *lua.LState) {
	table := l.GetGlobal("table").(*lua.LTable)
	table.RawSetString("unpack", l.GetGlobal("unpack"))
	table.RawSetString("pack", l.NewFunction(pack))
	l.SetGlobal("rawlen", l.NewFunction(rawlen))
	loadFunction, loadString := l.GetGlobal("load"), l.GetGlobal("loadstring")
	l.SetGlobal("load", l.NewFunction(func(l *lua.LState) int {
		load := loadFunction
		if l.CheckAny(1).Type() == lua.LTString {
			load = loadString
		}
		top := l.GetTop()
		l.Insert(load, 1)
		l.Call(top, lua.MultRet)
		return l.GetTop()
	}))
}

func pack(l *lua.LState) int {
	t := l.NewTable()
	for i := 1; i <= l.GetTop(); i++ {
		t.RawSetInt(i, l.Get(i))
	}
	t.RawSetString("n", lua.LNumber(l.GetTop()))
	l.Push(t)
	return 1
}

func rawlen(l *lua.LState) int {
	switch v := l.CheckAny(1).(type) {
	case *lua.LTable:
		l.Push(lua.LNumber(v.Len()))
	case lua.LString:
		l.Push(lua.LNumber(len(v)))
	default:
		l.ArgError(1, "table or string expected")
	}
	return 1
}
