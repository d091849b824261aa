package luaapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/dns"
	"luamilter/luaapi/lint"
	"luamilter/luaapi/upstream"
)

// patience is what a script says of a question to others, which may fail: the options timeout and on_error.
type patience struct {
	timeout time.Duration // 0 for as long as the service waits itself
	raises  bool          // an error, where it would be nil and why
}

const onErrorDoc = "`on_error` is `\"pass\"`, the default: the result is nil, and why; or `\"fail\"`: an error is raised, which amounts to what `on_error` in the configuration says."

// options are the two, and others of the function.
func (p *patience) options(others ...option) []option {
	return append([]option{secondsOption("timeout", &p.timeout), onErrorOption(&p.raises)}, others...)
}

// limit gives a question its time.
func (p patience) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, p.timeout, fmt.Errorf("no answer within %v", p.timeout))
}

// failed is what a function does when there is no answer: it pushes nil and why, or raises that. What a test has not told is always raised.
func (p patience) failed(L *lua.LState, function string, why error) int {
	if p.raises || errors.Is(why, dns.ErrUntold) || errors.Is(why, upstream.ErrUntold) {
		orRaise(L, function, why)
	}
	return pushWhy(L, why.Error())
}

// onErrorOption is the option on_error.
func onErrorOption(raises *bool) option {
	return option{"on_error", func(L *lua.LState, function, name string, v lua.LValue) { *raises = onError(L, function, name, v) }}
}

// onError reads the value of the option on_error: whether a failure raises an error, and is not passed over.
func onError(L *lua.LState, function, name string, v lua.LValue) (raises bool) {
	if v != lua.LString("pass") && v != lua.LString("fail") {
		if near := lint.Nearest(v.String(), []string{"pass", "fail"}); near != "" && v.Type() == lua.LTString {
			L.RaiseError("%s: %s is %s; did you mean %q?", function, name, valueText(v), near)
		}
		L.RaiseError("%s: %s is %s; \"pass\" or \"fail\" was expected", function, name, valueText(v))
	}
	return v == lua.LString("fail")
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
