package luatest

import (
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
	"luamilter/luaapi/number"
)

// textArg returns an argument that is a string; a number is taken as one.
func textArg(L *lua.LState, function string, arg int, what string) string {
	s, ok := textOf(L.Get(arg))
	if !ok {
		L.RaiseError("%s: %s is %s; a string was expected", function, what, kind(L.Get(arg)))
	}
	return s
}

func textOf(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return number.Text(float64(v)), true
	}
	return "", false
}

// listArg returns an argument that is a list of strings, one string, or missing.
func listArg(L *lua.LState, function string, v lua.LValue, what string) []string {
	if s, ok := textOf(v); ok {
		return []string{s}
	}
	if v == lua.LNil {
		return nil
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("%s: %s is %s; a string or a list of strings was expected", function, what, kind(v))
	}
	var list []string
	for i := 1; i <= t.Len(); i++ {
		s, ok := textOf(t.RawGetInt(i))
		if !ok {
			L.RaiseError("%s: %s has %s in it; strings were expected", function, what, kind(t.RawGetInt(i)))
		}
		list = append(list, s)
	}
	return list
}

// durationArg returns an argument that is a length of time: seconds, or a text such as "6m" or "2d".
func durationArg(L *lua.LState, function string, arg int, what string) time.Duration {
	var d time.Duration
	var err error
	switch v := L.Get(arg).(type) {
	case lua.LNumber:
		d = time.Duration(float64(v) * float64(time.Second))
	case lua.LString:
		days, isDays := strings.CutSuffix(string(v), "d")
		if isDays {
			days += "h"
		} else {
			days = string(v)
		}
		if d, err = time.ParseDuration(days); isDays {
			d *= 24
		}
	default:
		L.RaiseError("%s: %s is %s; seconds or a text such as \"6m\" were expected", function, what, kind(v))
	}
	if err != nil || d < 0 {
		L.RaiseError("%s: %s is %s; seconds or a text such as \"90s\", \"6m\", \"2d\" were expected", function, what, show(L.Get(arg)))
	}
	return d
}

// checkKeys refuses a table with a key that is not known.
func checkKeys(L *lua.LState, function string, t *lua.LTable, known ...string) {
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		name, ok := k.(lua.LString)
		switch {
		case !ok:
			L.RaiseError("%s: the table has the key %s; there are only %s", function, show(k), strings.Join(known, ", "))
		case slices.Contains(known, string(name)):
		default:
			if near := lint.Nearest(string(name), known); near != "" {
				L.RaiseError("%s: there is no %s; did you mean %s?", function, string(name), near)
			}
			L.RaiseError("%s: there is no %s; there are %s", function, string(name), strings.Join(known, ", "))
		}
	}
}

// optText returns a field of a table that is a string, or else what stands for it.
func optText(L *lua.LState, function string, t *lua.LTable, name, otherwise string) string {
	v := t.RawGetString(name)
	if v == lua.LNil {
		return otherwise
	}
	s, ok := textOf(v)
	if !ok {
		L.RaiseError("%s: %s is %s; a string was expected", function, name, kind(v))
	}
	return s
}
