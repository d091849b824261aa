package luatest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

// maxDepth is how deep tables are compared and shown: one that contains itself has no end.
const maxDepth = 20

// same reports whether two values are equal: tables if they have the same keys with equal values, all else as == has it.
func same(L *lua.LState, a, b lua.LValue, depth int) bool {
	ta, ok := a.(*lua.LTable)
	tb, both := b.(*lua.LTable)
	if !ok || !both || ta == tb || depth == 0 {
		return L.Equal(a, b)
	}
	n := 0
	for k, v := ta.Next(lua.LNil); k != lua.LNil; k, v = ta.Next(k) {
		if n++; !same(L, v, tb.RawGet(k), depth-1) {
			return false
		}
	}
	for k, _ := tb.Next(lua.LNil); k != lua.LNil; k, _ = tb.Next(k) {
		n--
	}
	return n == 0
}

// show writes a value as it would stand in a script.
func show(v lua.LValue) string { return showTo(v, maxDepth) }

func showTo(v lua.LValue, depth int) string {
	switch v := v.(type) {
	case lua.LString:
		return quote(string(v))
	case lua.LNumber:
		return number.Text(float64(v))
	case *lua.LTable:
		if depth == 0 {
			return "{...}"
		}
		return showTable(v, depth-1)
	case *lua.LUserData:
		if s, ok := v.Value.(fmt.Stringer); ok {
			return s.String()
		}
		return "an object"
	case *lua.LFunction:
		return "a function"
	}
	return v.String()
}

// showTable writes the array first, and then the keys in their order.
func showTable(t *lua.LTable, depth int) string {
	var items, named []string
	for i := 1; i <= t.Len(); i++ {
		items = append(items, showTo(t.RawGetInt(i), depth))
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if n, ok := k.(lua.LNumber); ok && n >= 1 && n <= lua.LNumber(len(items)) && n == lua.LNumber(int(n)) {
			continue
		}
		key := "[" + showTo(k, depth) + "]"
		if s, ok := k.(lua.LString); ok && isName(string(s)) {
			key = string(s)
		}
		named = append(named, key+" = "+showTo(v, depth))
	}
	slices.SortFunc(named, cmp.Compare[string])
	return "{" + strings.Join(append(items, named...), ", ") + "}"
}

// isName reports whether a key can be written without quotes.
func isName(s string) bool {
	for i, r := range s {
		if !(r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || i > 0 && '0' <= r && r <= '9') {
			return false
		}
	}
	return s != ""
}

// quote writes a text on one line.
func quote(s string) string { return strconv.Quote(s) }

// kind names what a value is, for errors.
func kind(v lua.LValue) string {
	switch v.(type) {
	case *lua.LNilType:
		return "nil"
	case *lua.LUserData:
		return "an object"
	}
	return "a " + v.Type().String()
}
