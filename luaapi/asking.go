package luaapi

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
	"luamilter/luaapi/upstream"
)

// onError is what the option on_error says: whether a failed question raises an error instead of giving nil and why.
type onError bool

const onErrorDoc = "`on_error` is `\"pass\"`, the default: the result is nil, and why; or `\"fail\"`: an error is raised, which amounts to what `on_error` in the configuration says."

// onErrorOption is the option on_error.
func onErrorOption(into *onError) option {
	return option{"on_error", func(L *lua.LState, function, name string, v lua.LValue) {
		*into = oneOf(L, function, name, v, "pass", "fail") == "fail"
	}}
}

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

// secondsOption is an option that is a time in seconds.
func secondsOption(name string, into *time.Duration) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		n, ok := v.(lua.LNumber)
		if !ok || !(n > 0) || n > math.MaxInt32 {
			L.RaiseError("%s: %s is %s; seconds were expected, more than 0", function, name, valueText(v))
		}
		*into = time.Duration(float64(n) * float64(time.Second))
	}}
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
func (e *Env) ask(L *lua.LState, function string, policy onError, timeout time.Duration, question func(ctx context.Context) error) bool {
	var failed error
	err := e.current(L, function).Host.Wait(func(ctx context.Context) error {
		if timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		failed = question(ctx)
		return nil
	})
	orRaise(L, function, err) // the hook's time is up, or the daemon stops
	switch {
	case failed == nil:
		return true
	case bool(policy) || errors.Is(failed, upstream.ErrUntold):
		L.RaiseError("%s: %v", function, failed)
	}
	pushWhy(L, failed.Error())
	return false
}

// raiseAbsent raises the error of a service that is not there. The fake is what stands in its place in a test.
func raiseAbsent(L *lua.LState, function, remedy, fake string) {
	L.RaiseError("%s: there is nobody to ask: %s; in a test, %s says what the answers are", function, remedy, fake)
}
