package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/pattern"
)

func (e *Env) stringFind(L *lua.LState) int {
	s, text := subject(L, "find"), checkString(L, "find", 2)
	init := pattern.Offset(optInt(L, "find", 3, 1), len(s))
	m := e.matcher()
	var found bool
	var err error
	if lua.LVAsBool(L.Get(4)) || len(text) > maxPattern && isText(text) {
		found, err = m.FindText(text, s, init)
	} else {
		found, err = m.Find(e.pattern(L, text), s, init)
	}
	if !found {
		return e.pushNone(L, err)
	}
	L.Push(wholeNumber(m.Start + 1))
	L.Push(wholeNumber(m.End))
	if m.Captures() == 0 {
		return 2
	}
	return 2 + e.pushCaptures(L, m, s)
}

// isText tells whether no character of a pattern is special to find.
func isText(pattern string) bool { return !strings.ContainsAny(pattern, "^$*+?.([%-") }

func (e *Env) stringMatch(L *lua.LState) int {
	s, text := subject(L, "match"), checkString(L, "match", 2)
	init := pattern.Offset(optInt(L, "match", 3, 1), len(s))
	m := e.matcher()
	found, err := m.Match(e.pattern(L, text), s, init)
	switch {
	case !found:
		return e.pushNone(L, err)
	case m.Captures() == 0 && m.End-m.Start == len(s):
		return e.pushSubject(L, s)
	}
	return e.pushCaptures(L, m, s)
}

// pushNone pushes the nil of no match, or raises the error that there was.
func (e *Env) pushNone(L *lua.LState, err error) int {
	orRaisePlainly(L, err)
	L.Push(lua.LNil)
	return 1
}

// pushCaptures pushes the captures of a match, or without any the match, and returns how many values that are.
func (e *Env) pushCaptures(L *lua.LState, m *pattern.Matcher, s string) int {
	n := max(m.Captures(), 1)
	for i := range n {
		L.Push(e.capture(L, m, s, i))
	}
	return n
}

// capture returns capture i of a match, counted from 0.
func (e *Env) capture(L *lua.LState, m *pattern.Matcher, s string, i int) lua.LValue {
	start, end, isPlace, err := m.Capture(i)
	switch {
	case err != nil:
		orRaisePlainly(L, err)
	case isPlace:
		return wholeNumber(start + 1)
	}
	return e.piece(s, start, end)
}

// matches is a loop over the matches in a string.
type matches struct {
	env     *Env
	pattern *pattern.Pattern
	subject string
	at      int // where to go on
}

func (e *Env) stringGmatch(L *lua.LState) int {
	s, text := subject(L, "gmatch"), checkString(L, "gmatch", 2)
	loop := &matches{env: e, pattern: e.pattern(L, text), subject: s}
	L.Push(L.NewFunction(loop.next))
	return 1
}

// next is what gmatch returns.
func (i *matches) next(L *lua.LState) int {
	m := i.env.matcher()
	found, err := m.Next(i.pattern, i.subject, i.at)
	orRaisePlainly(L, err)
	if !found {
		i.at = len(i.subject) + 1
		return 0
	}
	i.at = m.After()
	return i.env.pushCaptures(L, m, i.subject)
}
