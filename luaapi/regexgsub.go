package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (e *Env) bindRegexGsub() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "gsub")
		most := -1
		if L.Get(4) != lua.LNil {
			most = max(integer(L, c.method, 4, "n"), 0)
		}
		replace := e.regexReplacement(L, &c)
		all := e.regexAll(L, &c, most)
		if len(all) == 0 {
			L.Push(lua.LString(c.subject))
			L.Push(wholeNumber(0))
			return 2
		}
		var out strings.Builder
		done := 0
		for _, at := range all {
			out.WriteString(c.subject[done:at[0]])
			with := replace(at)
			orRaisePlainly(L, e.room(out.Len(), len(with)+len(c.subject)-at[1]))
			out.WriteString(with)
			done = at[1]
		}
		out.WriteString(c.subject[done:])
		e.grow(L, out.Len())
		L.Push(lua.LString(out.String()))
		L.Push(wholeNumber(len(all)))
		return 2
	}
}

// regexReplacement returns what finds out what takes the place of a match.
func (e *Env) regexReplacement(L *lua.LState, c *regexCall) func(at []int) string {
	switch with := L.Get(3).(type) {
	case lua.LString, lua.LNumber:
		layout := text(L, c.method, 3, "the replacement")
		checkRegexLayout(L, c, layout)
		if strings.IndexByte(layout, '%') < 0 {
			return func([]int) string { return layout }
		}
		return func(at []int) string { return expandRegex(layout, c.subject, at) }
	case *lua.LTable:
		return func(at []int) string {
			key := e.regexCapture(c.subject, at, min(1, len(at)/2-1))
			if key == lua.LNil {
				return c.subject[at[0]:at[1]]
			}
			return replacementText(L, c, at, L.GetTable(with, key))
		}
	case *lua.LFunction:
		return func(at []int) string {
			L.Push(with)
			L.Call(e.pushRegexMatch(L, c.subject, at), 1)
			value := L.Get(-1)
			L.Pop(1)
			return replacementText(L, c, at, value)
		}
	default:
		L.RaiseError("%s: the replacement is %s; a string, table or function was expected", c.method, kindOf(with))
		return nil
	}
}

// replacementText returns what a table or function gave as text: the match itself for nil or false.
func replacementText(L *lua.LState, c *regexCall, at []int, v lua.LValue) string {
	if !lua.LVAsBool(v) {
		return c.subject[at[0]:at[1]]
	}
	s, ok := toString(v)
	if !ok {
		L.RaiseError("%s: the replacement gave %s; a string was expected", c.method, kindOf(v))
	}
	return s
}

// checkRegexLayout raises an error for a replacement that names what there is not.
func checkRegexLayout(L *lua.LState, c *regexCall, layout string) {
	captures := len(c.Names()) - 1
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			continue
		}
		i++
		switch {
		case i < len(layout) && layout[i] == '%':
		case i == len(layout) || layout[i] < '0' || layout[i] > '9':
			L.RaiseError("%s: the replacement %q has a %% that is neither %%%% nor %%0 to %%9", c.method, cut(layout, 40))
		case int(layout[i]-'0') > captures && (layout[i] != '1' || captures > 0):
			L.RaiseError("%s: the replacement has %%%c, but the expression has %d captures", c.method, layout[i], captures)
		}
	}
}

// expandRegex fills in a replacement that was checked. As in string.gsub, %1 is the match if there are no captures.
func expandRegex(layout, subject string, at []int) string {
	var out strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			out.WriteByte(layout[i])
			continue
		}
		i++
		if layout[i] == '%' {
			out.WriteByte('%')
			continue
		}
		n := int(layout[i] - '0')
		if 2*n >= len(at) {
			n = 0
		}
		if at[2*n] >= 0 {
			out.WriteString(subject[at[2*n]:at[2*n+1]])
		}
	}
	return out.String()
}
