package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// Params returns ESMTP parameters as a table: in order as sent (params[1] == "SIZE=123") and by upper-case name
// (params.SIZE == "123", true without a value).
func Params(L *lua.LState, params protocol.Params) *lua.LTable {
	t := L.CreateTable(4, 4)
	for p := range params.All() {
		text := string(p)
		t.Append(lua.LString(text))
		name, value, hasValue := strings.Cut(text, "=")
		if hasValue {
			t.RawSetString(strings.ToUpper(name), lua.LString(value))
		} else {
			t.RawSetString(strings.ToUpper(name), lua.LTrue)
		}
	}
	return t
}
