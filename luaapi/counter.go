package luaapi

import (
	"context"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/store"
)

var counterModule = Module{
	"counter", Require,
	"How much came within the last hour, or another time: refused recipients of a client, different recipients of a user. " + limitedShared,
	nil,
	[]Func{
		{"new", "options: table", "tally", "", "Returns a tally; make it once, at the top of the script. `options` are `window`, how long what comes counts (seconds from 1 on, or a text such as `\"1h\"`); `slots`, in how many steps it is forgotten (12 if it is not given, up to 100): what counts came within the window, and at least within all of it but a slot; " +
			"`max`, how many different values are told apart (1000, up to 4096); " + limitedPer + "; and " + limitedOnError + ": `\"pass\"`, a call returns 0 and the reason, or `\"fail\"`, it raises an error. A window or slots that are changed begin anew.",
			"`window` is missing or out of bounds. There is no such option.", "", (*Env).bindCounterNew},
	},
}

// tallyModule is what counter.new returns.
var tallyModule = Module{
	"tally", Object,
	"Counts within a window, made by `counter.new`. When the store cannot be reached, each call returns 0 and the reason.",
	nil,
	[]Func{
		{"add", "key: string, n: integer?", "integer, string?", "", "Adds `n`, 1 if it is not given, to what the `key` has, and returns the sum within the window.", limitedErrors + " `n` is no whole number.", "", (*Env).bindTallyAdd},
		{"sum", "key: string", "integer, string?", "", "Returns the sum that the `key` has within the window.", limitedErrors, "", (*Env).bindTallySum},
		{"distinct", "key: string, value: string?", "integer, string?", "", "Takes note that the `key` has a `value`, and returns how many different ones it has had within the window; without a value it only looks. The number is exact up to `max`, and `max` from there on: the values that were seen last are kept, as hashes of 64 bits.",
			limitedErrors, "", (*Env).bindTallyDistinct},
	},
}

// tally is a counter of a script.
type tally struct {
	counter *limit.Counter
	fail    bool
}

func (e *Env) bindCounterNew() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "counter.new"
		o := wishesOf(L, function, `{ window = "1h" }`, "window", "slots", "max", "per", "on_error")
		window := o.length("window", 0)
		if window == 0 {
			L.RaiseError(`%s: window is missing: say how long what comes counts, as in { window = "1h" }`, function)
		}
		window = window.Truncate(time.Millisecond)
		most := o.whole("max", 1000)
		if most == 0 {
			o.wrong("max", lua.LNumber(0), "1 or more")
		}
		c, err := limit.NewCounter(window, o.whole("slots", 12), most, o.text("per", ""))
		orRaise(L, function, err)
		L.Push(e.object(&tally{c, o.fails()}, once(&e.tallyMeta, e.openTally)))
		return 1
	}
}

func (e *Env) openTally() { e.tallyMeta = e.objectMeta(&tallyModule) }

func (e *Env) bindTallyAdd() lua.LGFunction {
	return func(L *lua.LState) int {
		m := objectOf[*tally](L, "tally", "add")
		key, n := text(L, "tally:add", 2, "the key"), amount(L, "tally:add", 3, -(1<<53))
		return e.count(L, "tally:add", m, func(ctx context.Context, s store.Space) (int64, error) { return m.counter.Add(ctx, s, key, n) })
	}
}

func (e *Env) bindTallySum() lua.LGFunction {
	return func(L *lua.LState) int {
		m := objectOf[*tally](L, "tally", "sum")
		key := text(L, "tally:sum", 2, "the key")
		return e.count(L, "tally:sum", m, func(ctx context.Context, s store.Space) (int64, error) { return m.counter.Add(ctx, s, key, 0) })
	}
}

func (e *Env) bindTallyDistinct() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "tally:distinct"
		m := objectOf[*tally](L, "tally", "distinct")
		key := text(L, function, 2, "the key")
		value, given := optionalText(L, function, 3, "the value")
		return e.count(L, function, m, func(ctx context.Context, s store.Space) (int64, error) {
			if !given {
				return m.counter.Different(ctx, s, key)
			}
			return m.counter.Distinct(ctx, s, key, value)
		})
	}
}

// count has the store asked for a number, and pushes it.
func (e *Env) count(L *lua.LState, function string, m *tally, ask func(ctx context.Context, s store.Space) (int64, error)) int {
	var n int64
	why := e.inStore(L, function, m.fail, func(ctx context.Context, s store.Space) (err error) {
		n, err = ask(ctx, s)
		return err
	})
	L.Push(lua.LNumber(n))
	return pushReason(L, 1, why)
}
