package luaapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/cache"
)

var cacheModule = Module{
	"cache", Require,
	"What was found out at some cost, kept for a while for all sessions. It lives in the memory of this daemon and ends with it: what must not be lost goes into `store`.",
	nil,
	[]Func{
		{"new", "options: table", "cached", "", "Returns a cache; make it once, at the top of the script. `options` are `ttl`, how long a value is good (seconds, or a text such as `\"5m\"`), `max`, how many values there may be (10000 if it is not given), and `name`. " +
			"All VMs of a script share the cache of a name; without one, it is the place in the script that makes it. What it holds outlives a reload of the script: take another `name` when values come to mean something else. When it is full, what was not used for the longest time makes room.",
			"`ttl` is missing. There is no such option.", "", (*Env).bindCacheNew},
	},
}

// cachedModule is what cache.new returns.
var cachedModule = Module{
	"cached", Object,
	"A cache, made by `cache.new`.",
	nil,
	[]Func{
		{"get", "key: string, fn: function?", "any", "", "Returns the value of a `key`. If there is none, it calls `fn`, keeps what that returns, and returns it; without `fn` it is nil. When several sessions want the same at a time, one calls its `fn` and the others wait for it, up to 2 seconds. " +
			"A value is a text, a number, a boolean, or a table of these, of which everybody gets a copy; nil is not kept, so return false for what is known not to be there.",
			"Outside a hook. `fn` raises an error, which is passed on and not kept. What it returns holds a function or an object.", "", (*Env).bindCachedGet},
		{"delete", "key: string", "boolean", "", "Removes the value of a `key`, and returns whether there was one.", "Outside a hook.", "", (*Env).bindCachedDelete},
	},
}

// cached is a cache of a script.
type cached struct {
	name   string // among those of all scripts
	limits cache.Limits
}

// Bounds of caches.
const (
	cachedValues = 10_000
	cachedMost   = 256 << 10       // bytes of a value
	cachedWait   = 2 * time.Second // for somebody else's function
)

func (e *Env) bindCacheNew() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "cache.new"
		options, ok := L.Get(1).(*lua.LTable)
		if !ok {
			L.RaiseError("%s: options is %s; a table such as { ttl = \"5m\" } was expected", function, kindOf(L.Get(1)))
		}
		c := &cached{name: calledAt(L), limits: cache.Limits{Values: cachedValues}}
		for k, v := options.Next(lua.LNil); k != lua.LNil; k, v = options.Next(k) {
			c.option(L, function, k.String(), v)
		}
		if c.limits.TTL == 0 {
			L.RaiseError("%s: ttl is missing: say how long a value is good, as in { ttl = \"5m\" }", function)
		}
		c.name = e.Script + "\x00" + c.name
		L.Push(e.object(c, once(&e.cachedMeta, e.openCached)))
		return 1
	}
}

func (c *cached) option(L *lua.LState, function, name string, v lua.LValue) {
	switch name {
	case "ttl":
		c.limits.TTL = lengthOfTime(L, function, "ttl", v)
	case "max":
		n, ok := v.(lua.LNumber)
		if !ok || !(n >= 1 && n <= 1e9) {
			L.RaiseError("%s: max is %s; a number of values from 1 on was expected", function, settingText(v))
		}
		c.limits.Values = int(n)
	case "name":
		s, ok := v.(lua.LString)
		if !ok {
			L.RaiseError("%s: name is %s; a string was expected", function, kindOf(v))
		}
		c.name = "\x00" + string(s) // no place in a script begins like this
	default:
		raiseUnknown(L, function, name, "ttl", "max", "name")
	}
}

func (e *Env) openCached() {
	e.cachedMeta = e.metatable("cache", nil)
	e.cachedMeta.RawSetString("__index", cachedModule.methods(e))
	e.cachedMeta.RawSetString("__newindex", e.L.NewFunction(readOnly("a cache", "keep values with get(key, function)")))
}

// cachedCall returns the cache that a method was called on, the daemon's caches, and the key.
func (e *Env) cachedCall(L *lua.LState, method string) (c *cached, shared *cache.Shared, key string) {
	c, ok := receiver(L, "cache", method).Value.(*cached)
	if !ok {
		raiseNoMethod(L, "cache", method)
	}
	function := "cache:" + method
	shared = e.current(L, function).Host.Services().Cache
	if shared == nil {
		L.RaiseError("%s: there are no caches here; the daemon has them", function)
	}
	return c, shared, text(L, function, 2, "the key")
}

func (e *Env) bindCachedDelete() lua.LGFunction {
	return func(L *lua.LState) int {
		c, shared, key := e.cachedCall(L, "delete")
		L.Push(lua.LBool(shared.Delete(c.name, key)))
		return 1
	}
}

func (e *Env) bindCachedGet() lua.LGFunction {
	return func(L *lua.LState) int {
		c, shared, key := e.cachedCall(L, "get")
		if L.Get(3) == lua.LNil {
			value, found := shared.Get(c.name, key)
			L.Push(e.fromCache(value, found))
			return 1
		}
		fn, ok := L.Get(3).(*lua.LFunction)
		if !ok {
			L.RaiseError("cache:get: fn is %s; a function was expected", kindOf(L.Get(3)))
		}
		value, found, flight := shared.Look(c.name, key, e)
		switch {
		case found:
			L.Push(e.fromCache(value, true))
		case flight.Own():
			L.Push(e.findOut(L, c, flight, fn))
		default:
			L.Push(e.waitFor(L, c, shared, key, flight, fn))
		}
		return 1
	}
}

// findOut calls a script's function and keeps what it returns.
func (e *Env) findOut(L *lua.LState, c *cached, flight *cache.Flight, fn *lua.LFunction) lua.LValue {
	defer flight.Fail() // also when it raises an error; after Land it does nothing
	v := resultOf(L, fn)
	if v == lua.LNil {
		return v
	}
	value, size, err := e.toCache(v)
	orRaise(L, "cache:get", err)
	flight.Land(value, size, c.limits)
	return v
}

// waitFor waits until another session has found a value out. If that fails or takes too long, it calls the function itself.
func (e *Env) waitFor(L *lua.LState, c *cached, shared *cache.Shared, key string, flight *cache.Flight, fn *lua.LFunction) lua.LValue {
	if flight.Of(e) {
		L.RaiseError("cache:get: the function that finds out %s asks for the same", shortKey(lua.LString(key)))
	}
	e.wait(L, "cache:get", func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, cachedWait)
		defer cancel()
		_ = flight.Wait(ctx) // either way, it is seen below what is there
	})
	if value, found := shared.Get(c.name, key); found {
		return e.fromCache(value, true)
	}
	return resultOf(L, fn)
}

// resultOf calls a function and returns its first result.
func resultOf(L *lua.LState, fn *lua.LFunction) lua.LValue {
	L.Push(fn)
	L.Call(0, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

// toCache makes a value one that lives outside any VM, and returns its size in bytes.
func (e *Env) toCache(v lua.LValue) (value any, size int64, err error) {
	switch v := v.(type) {
	case lua.LNumber, lua.LBool:
		return v, 0, nil
	case lua.LString:
		if len(v) > cachedMost {
			return nil, 0, fmt.Errorf("the value has %d bytes; %d are allowed", len(v), cachedMost)
		}
		return lua.LString(strings.Clone(string(v))), int64(len(v)), nil // it may be part of something large
	case *lua.LTable:
		p, err := e.Copy(cachedMost, v)
		if errors.Is(err, ErrNotPlain) {
			return nil, 0, fmt.Errorf("in the value, %w", err)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("the value has more than %d bytes", cachedMost)
		}
		return p, p.Size(), nil
	}
	return nil, 0, fmt.Errorf("the value is %s; text, a number, a boolean or a table of these was expected", kindOf(v))
}

// fromCache makes what toCache made a value of this VM, nil if there is none.
func (e *Env) fromCache(value any, found bool) lua.LValue {
	switch v := value.(type) {
	case *Plain:
		return e.Paste(v)[0]
	case lua.LValue:
		if found {
			return v
		}
	}
	return lua.LNil
}
