package luaapi

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
)

var timeModule = Module{
	"time", Require,
	"Time and waiting.",
	nil,
	[]Func{
		{"now", "", "number", "", "The seconds since 1970-01-01 00:00 UTC, with fractions.", "", "", (*Env).bindNow},
		{"sleep", "seconds: number", "", "", "Waits that many `seconds`, with fractions. It blocks this SMTP session only and does not count as computing, but the hook's time limit goes on.", "`seconds` is negative or no number; the hook's time is up, or the daemon stops, before it ends.", "", (*Env).bindSleep},
	},
}

func (e *Env) bindNow() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(float64(e.Clock.Now().UnixNano()) / 1e9))
		return 1
	}
}

func (e *Env) bindSleep() lua.LGFunction {
	return func(L *lua.LState) int {
		seconds := float(L, "time.sleep", 1, "seconds")
		if !(seconds >= 0) {
			L.RaiseError("time.sleep: seconds is %s; 0 or more was expected", fullNumber(lua.LNumber(seconds)))
		}
		seconds = min(seconds, math.MaxInt32)
		err := e.current(L, "time.sleep").Host.Sleep(time.Duration(seconds * float64(time.Second)))
		orRaise(L, "time.sleep", err)
		return 0
	}
}
