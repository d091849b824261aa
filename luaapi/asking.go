package luaapi

import (
	"context"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
)

// oneOf reads an option that is one of some words.
func oneOf(L *lua.LState, function, name string, v lua.LValue, words ...string) string {
	for _, w := range words {
		if v == lua.LString(w) {
			return w
		}
	}
	if near := lint.Nearest(v.String(), words); near != "" && v.Type() == lua.LTString {
		L.RaiseError("%s: %s is %s; did you mean %q?", function, name, valueText(v), near)
	}
	L.RaiseError("%s: %s is %s; there is %s", function, name, valueText(v), strings.Join(words, ", "))
	return ""
}

// sizeOption is an option that is a whole number, from 1 to most.
func sizeOption(name string, most int64, into *int64) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		n, ok := v.(lua.LNumber)
		if !ok || n != lua.LNumber(math.Trunc(float64(n))) || n < 1 || n > lua.LNumber(most) {
			L.RaiseError("%s: %s is %s; a whole number from 1 to %d was expected", function, name, valueText(v), most)
		}
		*into = int64(n)
	}}
}

// textOption is an option that is a string.
func textOption(name string, into *string) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		s, ok := v.(lua.LString)
		if !ok {
			L.RaiseError("%s: %s is %s; a string was expected", function, name, kindOf(v))
		}
		*into = string(s)
	}}
}

// contentOption is an option that is a string or a body.
func contentOption(name string, into *string) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		switch v := v.(type) {
		case lua.LString:
			*into = string(v)
			return
		case *lua.LUserData:
			if isBody(v.Value) {
				*into = textOfBody(L, v.Value)
				return
			}
		}
		L.RaiseError("%s: %s is %s; a string was expected", function, name, kindOf(v))
	}}
}

// ask runs a question to somebody else, off the hook's budget. It returns false, with nil and why pushed, if there is no answer; or raises the
// error, where on_error says so.
func (e *Env) ask(L *lua.LState, function string, p patience, question func(ctx context.Context) error) bool {
	var failed error
	e.wait(L, function, func(ctx context.Context) {
		ctx, cancel := p.limit(ctx)
		defer cancel()
		failed = question(ctx)
	})
	if failed == nil {
		return true
	}
	p.failed(L, function, failed)
	return false
}

// raiseAbsent raises the error of a service that is not there. The fake is what stands in its place in a test.
func raiseAbsent(L *lua.LState, function, remedy, fake string) {
	L.RaiseError("%s: there is nobody to ask: %s; in a test, %s says what the answers are", function, remedy, fake)
}
