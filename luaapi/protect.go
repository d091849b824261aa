package luaapi

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// protect calls the function below its arguments on the stack, as L.PCall does with any number of results, and leaves the variables
// of all functions further up the stack shared with their closures. gopher-lua, when an error is raised, gives every closure a
// copy of its own: from then on the function and its closure count apart.
//
// What ends the hook is not for scripts to catch: a budget that is used up, and a mistake of ours in Go.
func (e *Env) protect(L *lua.LState, nargs int, onError *lua.LFunction) error {
	upvalues := upvaluesOf(L)
	outer := *upvalues
	*upvalues = nil
	err := L.PCall(nargs, lua.MultRet, onError)
	*upvalues = outer
	if err == nil {
		return nil
	}
	if over := e.Budget.Err(); over != nil {
		L.RaiseError("%s", over.Error())
	}
	e.admit(L, errorValue(err))
	return err
}

// admit looks at an error that a script gets hold of: it takes memory as other values do, and a mistake of ours is not for scripts.
func (e *Env) admit(L *lua.LState, value lua.LValue) {
	s, ok := value.(lua.LString)
	if !ok {
		return
	}
	if isPanic(s) {
		panic(string(s))
	}
	e.grow(L, len(s))
}

// isPanic tells what Go's runtime raised from what Lua did.
func isPanic(err lua.LString) bool { return strings.HasPrefix(string(err), "runtime error: ") }

// caught runs where an error was raised, before anything is taken down. Closures that are left of what ends get their copies; and
// with it gopher-lua writes no stack trace, which takes longer than all the rest.
func caught(L *lua.LState) int {
	(*upvaluesOf(L)).close()
	*upvaluesOf(L) = nil
	return 1
}

// pcall is pcall(f, ...).
func (e *Env) pcall(L *lua.LState) int {
	if L.GetTop() == 0 {
		argError(L, "pcall", 1, "value expected")
	}
	if !callable(L, L.Get(1)) {
		L.Push(lua.LFalse)
		L.Push(lua.LString("attempt to call a " + L.Get(1).Type().String() + " value"))
		return 2
	}
	if err := e.protect(L, L.GetTop()-1, e.caught); err != nil {
		L.Push(lua.LFalse)
		L.Push(errorValue(err))
		return 2
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

// xpcall is xpcall(f, handler).
func (e *Env) xpcall(L *lua.LState) int {
	if L.GetTop() < 2 {
		argError(L, "xpcall", 2, "value expected")
	}
	handler := L.Get(2)
	L.SetTop(1)
	failed := false
	err := e.protect(L, 0, L.NewFunction(func(L *lua.LState) int {
		if failed { // by the handler itself
			return 0
		}
		failed = true
		value := L.Get(1)
		L.Push(handler)
		L.Push(value)
		L.Call(1, 1)
		result := L.Get(-1)
		(*upvaluesOf(L)).close()
		*upvaluesOf(L) = nil
		L.Push(result)
		return 1
	}))
	if err != nil {
		L.Push(lua.LFalse)
		L.Push(errorValue(err))
		return 2
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

func callable(L *lua.LState, v lua.LValue) bool {
	return v.Type() == lua.LTFunction || L.GetMetaField(v, "__call").Type() == lua.LTFunction
}

// errorValue is what pcall gives for an error.
func errorValue(err error) lua.LValue {
	if api, ok := err.(*lua.ApiError); ok {
		return api.Object
	}
	return lua.LString(err.Error())
}

// raise is error(message, level).
func raise(L *lua.LState) int {
	value, level := L.Get(1), optInt(L, "error", 2, 1)
	if s, ok := toString(value); ok && level > 0 {
		value = lua.LString(placeAt(L, level) + s)
	}
	throw(L, value)
	return 0
}

// throw raises any value as it is.
func throw(L *lua.LState, value lua.LValue) { L.Error(value, 0) }

// placeAt returns "file:line: " of the function that runs at that level, 1 being the one that called the running Go function; "" where
// that is no Lua function.
func placeAt(L *lua.LState, level int) string {
	f := *frameOf(L)
	for ; level > 0 && f != nil; f = f.Parent {
		level--
		if !f.Fn.IsG {
			level -= f.TailCall // each of them was a level, of which nothing is left
		}
	}
	if level != 0 || f == nil || f.Fn.IsG {
		return ""
	}
	return f.Fn.Proto.SourceName + ":" + strconv.Itoa(f.Fn.Proto.DbgSourcePositions[f.Pc-1]) + ": "
}

// assert is assert(v, message, ...).
func assert(L *lua.LState) int {
	if L.GetTop() == 0 {
		argError(L, "assert", 1, "value expected")
	}
	if L.ToBool(1) {
		return L.GetTop()
	}
	if missing(L, 2) {
		L.RaiseError("assertion failed!")
	}
	if message, ok := toString(L.Get(2)); ok {
		L.RaiseError("%s", message)
	}
	throw(L, L.Get(2)) // Lua 5.1 takes none but strings; all later ones do
	return 0
}
