package luaapi

import (
	"context"
	"math"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/store"
)

// What the modules ratelimit, greylist and counter have in common: objects that ask the store.
const (
	limitedShared  = "State is in the store, by script: daemons that share a Redis share it, and a reload of the script does not reset it."
	limitedPer     = "`per`, a name for what the keys are, such as `\"user\"`, which keeps objects of one script apart that count alike"
	limitedOnError = "`on_error`, what happens when the store cannot be reached"
	limitedErrors  = "Outside a hook. With `on_error = \"fail\"`, the store cannot be reached."
)

// inStore has the store asked about something, and returns why it could not be. With fail, that is raised.
func (e *Env) inStore(L *lua.LState, function string, fail bool, step func(ctx context.Context, s store.Space) error) (why string) {
	host := e.current(L, function).Host
	s := store.Space{Store: host.Services().Store, Name: e.Script}
	if s.Store == nil {
		L.RaiseError("%s: there is no store here: the daemon has the one that store.url in its configuration names", function)
	}
	var err error
	if s.Store.Local() {
		err = step(context.Background(), s)
	} else {
		orRaise(L, function, host.Wait(func(ctx context.Context) error {
			err = step(ctx, s)
			return nil
		}))
	}
	switch {
	case err == nil:
		return ""
	case fail:
		L.RaiseError("%s: %v", function, err)
	}
	return err.Error()
}

// amount returns an argument that is a whole number up to 2^53, 1 if it is missing.
func amount(L *lua.LState, function string, arg int, least float64) int64 {
	if L.Get(arg) == lua.LNil {
		return 1
	}
	n := float(L, function, arg, "n")
	if n != math.Trunc(n) || n < least || math.Abs(n) > 1<<53 {
		L.RaiseError("%s: n is %s; a whole number from %s to 2^53 was expected", function, fullNumber(lua.LNumber(n)), fullNumber(lua.LNumber(least)))
	}
	return int64(n)
}

// objectOf returns the object that a method was called on, as one of the kind that it has.
func objectOf[T any](L *lua.LState, object, method string) T {
	v, ok := receiver(L, object, method).Value.(T)
	if !ok {
		L.RaiseError("%s:%s: it was called on %s", object, method, kindOf(L.Get(1)))
	}
	return v
}

// pushReason pushes why the store could not be asked, if it could not, and returns how many values there are with those before.
func pushReason(L *lua.LState, before int, why string) int {
	if why == "" {
		return before
	}
	L.Push(lua.LString(why))
	return before + 1
}

// objectMeta returns the metatable of an object that has methods only.
func (e *Env) objectMeta(m *Module) *lua.LTable {
	mt := e.metatable(m.Name, map[string]lua.LGFunction{"__newindex": readOnly("a "+m.Name, "keep data of your own in conn")})
	mt.RawSetString("__index", m.methods(e))
	return mt
}
