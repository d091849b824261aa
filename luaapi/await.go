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
)

// job is what a function of a module asks of others, such as a server.
type job struct {
	do   func(ctx context.Context) // asks, outside the VM, which it must not touch
	push func(L *lua.LState) int   // pushes what came of it, and returns how many values that are
}

// await has the hook wait for a job, or leaves the job to parallel.call if that is collecting them. The function returns what it returns.
func (e *Env) await(L *lua.LState, function string, j job) int {
	if e.collecting != nil {
		*e.collecting = j
		return 0
	}
	e.wait(L, function, j.do)
	return j.push(L)
}

// wait has the hook wait until do has ended. It raises an error if the hook's time is up, or the daemon stops.
func (e *Env) wait(L *lua.LState, function string, do func(ctx context.Context)) {
	err := e.current(L, function).Host.Wait(func(ctx context.Context) error {
		do(ctx)
		return nil
	})
	orRaise(L, function, err)
}

// patience is what a script says of a lookup that may fail.
type patience struct {
	timeout time.Duration // 0 for as long as the service waits itself
	raises  bool          // an error, where it would be nil and why
}

// longestTimeout is more than any hook has.
const longestTimeout = time.Hour

// limit gives a lookup its time.
func (p patience) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, p.timeout, fmt.Errorf("no answer within %v", p.timeout))
}

// failed is what a function does when nobody knows: it pushes nil and why, or raises that.
func (p patience) failed(L *lua.LState, function string, why error) int {
	if p.raises || errors.Is(why, dns.ErrUntold) {
		orRaise(L, function, why)
	}
	return pushWhy(L, why.Error())
}

// set reads one option; known is false if it is none of these.
func (p *patience) set(L *lua.LState, function, key string, v lua.LValue) (known bool) {
	switch key {
	case "timeout":
		n, ok := v.(lua.LNumber)
		if !ok || !(n > 0) || math.IsInf(float64(n), 0) {
			L.RaiseError("%s: timeout is %s; a number of seconds above 0 was expected", function, valueText(v))
		}
		p.timeout = time.Duration(min(float64(n), longestTimeout.Seconds()) * float64(time.Second))
	case "on_error":
		if v != lua.LString("pass") && v != lua.LString("fail") {
			L.RaiseError(`%s: on_error is %s; "pass" or "fail" was expected`, function, valueText(v))
		}
		p.raises = v == lua.LString("fail")
	default:
		return false
	}
	return true
}

// readOptions reads an argument that is a table of options, or missing.
func readOptions(L *lua.LState, function string, arg int) (p patience) {
	switch options := L.Get(arg).(type) {
	case *lua.LNilType:
	case *lua.LTable:
		options.ForEach(func(k, v lua.LValue) {
			if !p.set(L, function, k.String(), v) {
				raiseUnknown(L, function, k.String(), "timeout", "on_error")
			}
		})
	default:
		L.RaiseError(`%s: options is %s; a table such as { on_error = "fail" } was expected`, function, kindOf(options))
	}
	return p
}

// raiseUnknown raises the error of an option that is not known.
func raiseUnknown(L *lua.LState, function, key string, known ...string) {
	if near := lint.Nearest(key, known); near != "" {
		L.RaiseError("%s: there is no option %s, did you mean %s?", function, cut(key, 40), near)
	}
	L.RaiseError("%s: there is no option %s", function, cut(key, 40))
}

// valueText names a value for an error, text and numbers as they are.
func valueText(v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return fmt.Sprintf("%q", cut(string(v), 40))
	case lua.LNumber:
		return fullNumber(v)
	}
	return kindOf(v)
}

// errNoService is the error of a module whose service is not there.
var errNoService = errors.New("nothing is asked over the network here; the running daemon does, and tests have fakes")
