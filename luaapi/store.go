package luaapi

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/store"
)

const (
	storeTTL    = " `options` say how long it lasts: seconds or a text such as `\"5m\"`, or a table of `ttl` and `on_error`; without them it has no end."
	storeFirst  = " `options` say how long it lasts from the first time on, which later ones do not prolong: seconds or a text such as `\"1h\"`, or a table of `ttl` and `on_error`."
	storeErrors = "Outside a hook. The key is empty or over 1 KiB, or a value over 64 KiB or of another type. With `on_error = \"fail\"`, the store cannot be reached."
)

var storeModule = Module{
	"store", Require,
	"What a script remembers across connections: values by keys, in memory, in a file, or in Redis for several machines, as `store.url` in the configuration says. Each script has keys of its own. A key is a text of up to 1 KiB, a value a text of up to 64 KiB or a number, which comes back as what it was. " +
		"What one call does is one step: no other session sees half of it, and of two sessions that `add` a key one does.\n\n" +
		"**When the store cannot be reached**, a call returns nil and the reason, so that mail goes on: write `store.incr(key) or 0`. The log has one line when that begins and one when it is over. With `{ on_error = \"fail\" }` among its options the call raises an error, and the message gets the script's `on_error` verdict.",
	nil,
	[]Func{
		{"get", "key: string, options: table?", "string|number?, string?", "", "Returns the value of a `key`, nil if there is none. `options` is a table of `on_error`.", storeErrors, "", bindStore("get", (*storeCall).get)},
		{"set", "key: string, value: string|number, options: string|number|table?", "boolean?, string?", "", "Keeps a `value` as that of a `key`, whatever was there, and returns true." + storeTTL, storeErrors, "", bindStore("set", (*storeCall).set)},
		{"add", "key: string, value: string|number, options: string|number|table?", "boolean?, string?", "", "Keeps a `value` if the `key` has none, and returns whether that was so." + storeTTL, storeErrors, "", bindStore("add", (*storeCall).add)},
		{"incr", "key: string, by: number?, options: string|number|table?", "number?, string?", "", "Adds `by`, 1 if it is not given, to the number of a `key`, 0 if it has none, and returns the sum." + storeFirst, storeErrors + " The key has a text.", "", bindStore("incr", (*storeCall).incr)},
		{"cas", "key: string, old: any, new: string|number, options: string|number|table?", "boolean?, string?", "", "Keeps `new` as the value of a `key` if that is `old` now, a text, a number or nil for none, and returns whether it was: so a value can be read, changed and put back though others do the same." + storeTTL, storeErrors, "", bindStore("cas", (*storeCall).cas)},
		{"delete", "key: string, options: table?", "boolean?, string?", "", "Removes the value of a `key`, and returns whether there was one. `options` is a table of `on_error`.", storeErrors, "", bindStore("delete", (*storeCall).delete)},
		{"sadd", "key: string, member: string, options: string|number|table?", "boolean?, string?", "", "Adds a `member` to the set of a `key`, and returns whether it was not in it. A set is something else than the value of that key, and has up to 4096 members of up to 1 KiB; one more is nil and the reason." + storeFirst, storeErrors, "", bindStore("sadd", (*storeCall).sadd)},
		{"srem", "key: string, member: string, options: table?", "boolean?, string?", "", "Removes a `member` from the set of a `key`, and returns whether it was in it. `options` is a table of `on_error`.", storeErrors, "", bindStore("srem", (*storeCall).srem)},
		{"shas", "key: string, member: string, options: table?", "boolean?, string?", "", "Returns whether a `member` is in the set of a `key`. `options` is a table of `on_error`.", storeErrors, "", bindStore("shas", (*storeCall).shas)},
		{"scard", "key: string, options: table?", "integer?, string?", "", "Returns how many members the set of a `key` has, 0 if there is none. `options` is a table of `on_error`.", storeErrors, "", bindStore("scard", (*storeCall).scard)},
		{"sdelete", "key: string, options: table?", "boolean?, string?", "", "Removes the set of a `key`, and returns whether there was one. `options` is a table of `on_error`.", storeErrors, "", bindStore("sdelete", (*storeCall).sdelete)},
	},
}

// storeCall is a call of a function of the module.
type storeCall struct {
	L        *lua.LState
	function string
	key      string
	ttl      time.Duration // 0 for ever
	fail     bool          // raise an error if the store cannot be reached
}

// storeStep is what a call asks of the store, once its arguments are read. It must not touch the VM.
type storeStep func(ctx context.Context, s store.Space) (result any, err error)

// bindStore makes a function of the module of what reads its arguments.
func bindStore(name string, read func(*storeCall) storeStep) func(*Env) lua.LGFunction {
	function := "store." + name
	return func(e *Env) lua.LGFunction {
		return func(L *lua.LState) int {
			host := e.current(L, function).Host
			if L.Get(1) == lua.LValue(e.libraries["store"]) {
				L.RaiseError("%s is a function: write %s(...), with a dot", function, function)
			}
			c := &storeCall{L: L, function: function, key: text(L, function, 1, "the key")}
			step := read(c)
			space := store.Space{Store: host.Services().Store, Name: e.Script}
			if space.Store == nil {
				L.RaiseError("%s: there is no store here: the daemon has the one that store.url in its configuration names", function)
			}
			return c.take(e, space, step)
		}
	}
}

// take takes the step, and pushes its result.
func (c *storeCall) take(e *Env, s store.Space, step storeStep) int {
	var result any
	var err error
	j := job{
		do:   func(ctx context.Context) { result, err = step(ctx, s) },
		push: func(L *lua.LState) int { return c.push(L, result, err) },
	}
	if s.Store.Local() && e.collecting == nil {
		j.do(context.Background())
		return j.push(c.L)
	}
	return e.await(c.L, c.function, j)
}

// push pushes what came of a step.
func (c *storeCall) push(L *lua.LState, result any, err error) int {
	switch {
	case err == nil:
		L.Push(storeValue(result))
		return 1
	case store.IsMistake(err) || c.fail:
		L.RaiseError("%s: %s", c.function, err)
	}
	return pushWhy(L, err.Error())
}

// storeValue makes a result a value of Lua.
func storeValue(v any) lua.LValue {
	switch v := v.(type) {
	case bool:
		return lua.LBool(v)
	case int:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case store.Value:
		if v.IsNumber {
			return lua.LNumber(v.Number)
		}
		return lua.LString(v.Text)
	}
	return lua.LNil
}

// value reads an argument that is a value.
func (c *storeCall) value(arg int, what string) store.Value {
	switch v := c.L.Get(arg).(type) {
	case lua.LString:
		return store.Text(string(v))
	case lua.LNumber:
		return store.Number(float64(v))
	default:
		c.L.RaiseError("%s: %s is %s; a string or a number was expected", c.function, what, kindOf(v))
		return store.Value{}
	}
}

// options reads the argument that has options; without lasting, they cannot say how long something lasts.
func (c *storeCall) options(arg int, lasting lasts) {
	names := []string{"on_error"}
	if lasting {
		names = append(names, "ttl")
	}
	switch v := c.L.Get(arg).(type) {
	case *lua.LNilType:
	case *lua.LTable:
		for k, option := v.Next(lua.LNil); k != lua.LNil; k, option = v.Next(k) {
			c.option(k.String(), option, names)
		}
	default:
		if !lasting {
			c.L.RaiseError("%s: options is %s; a table such as { on_error = \"fail\" } was expected", c.function, kindOf(v))
		}
		c.ttl = lengthOfTime(c.L, c.function, "ttl", v)
	}
}

// lasts says whether something can be given an end.
type lasts bool

func (c *storeCall) option(name string, v lua.LValue, known []string) {
	switch {
	case name == "on_error":
		c.fail = onError(c.L, c.function, name, v)
	case name == "ttl" && len(known) > 1:
		c.ttl = lengthOfTime(c.L, c.function, "ttl", v)
	default:
		raiseUnknown(c.L, c.function, name, known...)
	}
}

func (c *storeCall) get() storeStep {
	c.options(2, false)
	return func(ctx context.Context, s store.Space) (any, error) {
		v, found, err := s.Get(ctx, c.key)
		if !found {
			return nil, err
		}
		return v, err
	}
}

func (c *storeCall) set() storeStep {
	v := c.value(2, "the value")
	c.options(3, true)
	return func(ctx context.Context, s store.Space) (any, error) { return true, s.Set(ctx, c.key, v, c.ttl) }
}

func (c *storeCall) add() storeStep {
	v := c.value(2, "the value")
	c.options(3, true)
	return func(ctx context.Context, s store.Space) (any, error) { return s.Add(ctx, c.key, v, c.ttl) }
}

func (c *storeCall) incr() storeStep {
	by := 1.0
	if c.L.Get(2) != lua.LNil {
		by = float(c.L, c.function, 2, "by")
	}
	c.options(3, true)
	return func(ctx context.Context, s store.Space) (any, error) { return s.Incr(ctx, c.key, by, c.ttl) }
}

func (c *storeCall) cas() storeStep {
	var old store.Value
	absent := c.L.Get(2) == lua.LNil
	if !absent {
		old = c.value(2, "old")
	}
	v := c.value(3, "new")
	c.options(4, true)
	return func(ctx context.Context, s store.Space) (any, error) {
		if absent {
			return s.Add(ctx, c.key, v, c.ttl)
		}
		return s.CAS(ctx, c.key, old, v, c.ttl)
	}
}

func (c *storeCall) delete() storeStep {
	c.options(2, false)
	return func(ctx context.Context, s store.Space) (any, error) { return s.Delete(ctx, c.key) }
}

func (c *storeCall) sadd() storeStep {
	member := text(c.L, c.function, 2, "the member")
	c.options(3, true)
	return func(ctx context.Context, s store.Space) (any, error) { return s.SAdd(ctx, c.key, member, c.ttl) }
}

func (c *storeCall) srem() storeStep {
	member := text(c.L, c.function, 2, "the member")
	c.options(3, false)
	return func(ctx context.Context, s store.Space) (any, error) { return s.SRem(ctx, c.key, member) }
}

func (c *storeCall) shas() storeStep {
	member := text(c.L, c.function, 2, "the member")
	c.options(3, false)
	return func(ctx context.Context, s store.Space) (any, error) { return s.SHas(ctx, c.key, member) }
}

func (c *storeCall) scard() storeStep {
	c.options(2, false)
	return func(ctx context.Context, s store.Space) (any, error) { return s.SCard(ctx, c.key) }
}

func (c *storeCall) sdelete() storeStep {
	c.options(2, false)
	return func(ctx context.Context, s store.Space) (any, error) { return s.SDelete(ctx, c.key) }
}
