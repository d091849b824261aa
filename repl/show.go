package repl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/number"
)

// How much of a value is shown.
const (
	maxText  = 1000 // bytes of a text
	maxItems = 50   // of a table
	maxWidth = 100  // of a table on one line, in bytes
)

// show writes the values of a piece, one a line; nothing for none.
func show(L *lua.LState, values []lua.LValue) string {
	var all []string
	for _, v := range values {
		if t, ok := v.(*lua.LTable); ok {
			all = append(all, showTable(L, t))
			continue
		}
		all = append(all, showValue(L, v))
	}
	return strings.Join(all, "\n")
}

// showValue writes a value as it would stand in a script; of a table no more than how much is in it.
func showValue(L *lua.LState, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return quote(string(v))
	case lua.LNumber:
		return number.Text(float64(v))
	case *lua.LTable:
		if n := v.Len(); n > 0 {
			return fmt.Sprintf("{... %d}", n)
		}
		if k, _ := v.Next(lua.LNil); k == lua.LNil {
			return "{}"
		}
		return "{...}"
	case *lua.LUserData:
		return showObject(L, v)
	case *lua.LFunction:
		return "function"
	}
	return v.String()
}

// showObject writes what an object says of itself, or what kind it is and how much is in it.
func showObject(L *lua.LState, v *lua.LUserData) string {
	text := L.ToStringMeta(v).String()
	mt, _ := v.Metatable.(*lua.LTable)
	switch {
	case !strings.HasPrefix(text, "userdata:") && strings.Contains(text, "\n"):
		return quote(text)
	case !strings.HasPrefix(text, "userdata:"):
		return safe(text, maxText)
	case mt == nil:
		return "object"
	}
	name := mt.RawGetString("__metatable").String()
	if L.GetMetaField(v, "__len") == lua.LNil {
		return name
	}
	return fmt.Sprintf("%s of %d", name, L.ObjLen(v))
}

// showTable writes the items of a table, the array first: on one line if there is room.
func showTable(L *lua.LState, t *lua.LTable) string {
	var items, named []string
	for i := 1; i <= t.Len(); i++ {
		items = append(items, showValue(L, t.RawGetInt(i)))
	}
	n := lua.LNumber(len(items))
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if i, ok := k.(lua.LNumber); ok && i >= 1 && i <= n && i == lua.LNumber(int(i)) {
			continue
		}
		named = append(named, showKey(L, k)+" = "+showValue(L, v))
	}
	slices.SortFunc(named, cmp.Compare[string])
	all := append(items, named...)
	if more := len(all) - maxItems; more > 0 {
		all = append(all[:maxItems], fmt.Sprintf("... %d more", more))
	}
	line := strings.Join(all, ", ")
	if len(line) <= maxWidth {
		return "{" + line + "}"
	}
	return "{\n  " + strings.Join(all, ",\n  ") + "\n}"
}

func showKey(L *lua.LState, k lua.LValue) string {
	if s, ok := k.(lua.LString); ok && isName(string(s)) {
		return string(s)
	}
	return "[" + showValue(L, k) + "]"
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

// quote writes a text as Lua does, with what cannot be seen spelled out. A long one is cut.
func quote(s string) string {
	cut := ""
	if len(s) > maxText {
		s, cut = s[:maxText], fmt.Sprintf("... (%d bytes)", len(s))
	}
	return strconv.Quote(s) + cut
}

// safe takes what would command a terminal out of a text of one line, and cuts it.
func safe(s string, most int) string {
	cut := ""
	if len(s) > most {
		s, cut = strings.ToValidUTF8(s[:most], ""), fmt.Sprintf("... (%d bytes)", len(s))
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s) + cut
}

// safeLines is safe for each line of a text.
func safeLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = safe(strings.ReplaceAll(lines[i], "\t", "    "), maxText)
	}
	return strings.Join(lines, "\n")
}
