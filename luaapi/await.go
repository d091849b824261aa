package luaapi

import (
	"context"
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

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
