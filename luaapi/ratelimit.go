package luaapi

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/limit"
	"luamilter/luaapi/store"
)

var ratelimitModule = Module{
	"ratelimit", Require,
	"How often something may happen: messages of a user, recipients from an address. " + limitedShared,
	nil,
	[]Func{
		{"new", "options: table", "limiter", "", "Returns a limiter; make it once, at the top of the script. `options` are `rate`, such as `\"200/h\"` or `\"10/5m\"` (units `s`, `m`, `h`, `d`); `burst`, how much can be taken at once (as much as the rate has in its period); " +
			limitedPer + "; and " + limitedOnError + ": `\"pass\"`, the call says yes and why it cannot know, or `\"fail\"`, it raises an error. What is taken comes back steadily: with `\"200/h\"` one every 18 seconds. A rate that is changed begins anew.",
			"The rate cannot be read, or is too fine to be counted exactly. There is no such option.", "", (*Env).bindRatelimitNew},
	},
}

// limiterModule is what ratelimit.new returns.
var limiterModule = Module{
	"limiter", Object,
	"A limit, made by `ratelimit.new`.",
	nil,
	[]Func{
		{"take", "key: string, n: integer?", "boolean, integer, number?, string?", "", "Takes `n`, 1 if it is not given, from what the `key` may take, and returns whether it could, how much more can be taken now, and in how many seconds it could, 0 if it did and nil if `n` is more than the burst. It takes all of it or nothing; with 0 it only looks. " +
			"All sessions of all daemons on a store take from one amount, which is never exceeded. When the store cannot be reached, it returns true, the burst, 0 and the reason.",
			limitedErrors + " `n` is below 0 or no whole number.", "ITU-T I.371 annex A", (*Env).bindTake},
	},
}

// limiter is a rate of a script.
type limiter struct {
	rate *limit.Rate
	fail bool
}

func (e *Env) bindRatelimitNew() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "ratelimit.new"
		o := wishesOf(L, function, `{ rate = "200/h" }`, "rate", "burst", "per", "on_error")
		burst := o.whole("burst", 0)
		if burst == 0 && o.table.RawGetString("burst") != lua.LNil {
			o.wrong("burst", lua.LNumber(0), "1 or more")
		}
		text := o.text("rate", "")
		if text == "" {
			L.RaiseError(`%s: rate is missing: say how often, as in { rate = "200/h" }`, function)
		}
		rate, err := limit.ParseRate(text, int64(burst), o.text("per", ""))
		orRaise(L, function, err)
		L.Push(e.object(&limiter{rate, o.fails()}, once(&e.limiterMeta, e.openLimiter)))
		return 1
	}
}

func (e *Env) openLimiter() { e.limiterMeta = e.objectMeta(&limiterModule) }

func (e *Env) bindTake() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "limiter:take"
		m := objectOf[*limiter](L, "limiter", "take")
		key, n := text(L, function, 2, "the key"), amount(L, function, 3, 0)
		var taken limit.Taken
		why := e.inStore(L, function, m.fail, func(ctx context.Context, s store.Space) (err error) {
			taken, err = m.rate.Take(ctx, s, key, n)
			return err
		})
		if why != "" {
			taken = limit.Taken{OK: true, Left: m.rate.Burst()}
		}
		L.Push(lua.LBool(taken.OK))
		L.Push(lua.LNumber(taken.Left))
		if taken.Wait == limit.Never {
			L.Push(lua.LNil)
		} else {
			L.Push(lua.LNumber(taken.Wait.Seconds()))
		}
		return pushReason(L, 3, why)
	}
}
