package luaapi

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// Params returns ESMTP parameters as a table: in order as sent (params[1] == "SIZE=123") and by upper-case name
// (params.SIZE == "123", true without a value).
func Params(L *lua.LState, params protocol.Params) *lua.LTable {
	t := L.CreateTable(4, 4)
	for p := range params.All() {
		param := string(p)
		t.Append(lua.LString(param))
		name, value, hasValue := strings.Cut(param, "=")
		if hasValue {
			t.RawSetString(strings.ToUpper(name), lua.LString(value))
		} else {
			t.RawSetString(strings.ToUpper(name), lua.LTrue)
		}
	}
	return t
}

// paramsArgument returns an argument that holds ESMTP parameters, as they go on the command line.
func paramsArgument(L *lua.LState, action string, arg int) string {
	switch v := L.Get(arg).(type) {
	case *lua.LNilType:
		return ""
	case lua.LString:
		return string(v)
	case *lua.LTable:
		return strings.Join(paramsOf(L, action, v), " ")
	default:
		L.RaiseError("%s: params is %s; a string or a table was expected", action, kindOf(v))
		return ""
	}
}

// paramsOf returns the parameters of a table: its array in order, then those by name that the array does not have, sorted. The
// params of the mail and rcpt hooks, which have each both ways, come out as they were.
func paramsOf(L *lua.LState, action string, t *lua.LTable) []string {
	var ordered, named []string
	seen := map[string]bool{}
	for i := 1; i <= t.Len(); i++ {
		param, ok := t.RawGetInt(i).(lua.LString)
		if !ok {
			L.RaiseError("%s: item %d of params is %s; a string such as \"RET=HDRS\" was expected", action, i, kindOf(t.RawGetInt(i)))
		}
		keyword, _, _ := strings.Cut(string(param), "=")
		seen[strings.ToUpper(keyword)] = true
		ordered = append(ordered, string(param))
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		keyword, ok := k.(lua.LString)
		if !ok || seen[strings.ToUpper(string(keyword))] {
			continue
		}
		switch v := v.(type) {
		case lua.LString:
			named = append(named, string(keyword)+"="+string(v))
		case lua.LNumber:
			named = append(named, string(keyword)+"="+fullNumber(v))
		case lua.LBool:
			if v {
				named = append(named, string(keyword))
			}
		default:
			L.RaiseError("%s: params.%s is %s; a string or true was expected", action, keyword, kindOf(v))
		}
	}
	slices.Sort(named) // a table has no order of its own
	all := append(ordered, named...)
	for _, param := range all {
		orRaise(L, action, mail.CheckParam(param))
	}
	return all
}
