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
		{"now", "", "number", "", "The seconds since 1970-01-01 00:00 UTC, with fractions.", "", (*Env).bindNow},
		{"sleep", "seconds: number", "", "", "Waits. It blocks this SMTP session only and does not count as computing, but the hook's time limit goes on; it ends early when that is up or the daemon stops.", "", (*Env).bindSleep},
	},
}

func (e *Env) bindNow() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(float64(time.Now().UnixNano()) / 1e9))
		return 1
	}
}

func (e *Env) bindSleep() lua.LGFunction {
	return func(L *lua.LState) int {
		seconds := float64(L.CheckNumber(1))
		if !(seconds >= 0) || seconds > math.MaxInt32 {
			L.ArgError(1, "seconds must be 0 or more")
		}
		if err := e.current("time.sleep").Host.Sleep(time.Duration(seconds * float64(time.Second))); err != nil {
			L.RaiseError("time.sleep: %v", err)
		}
		return 0
	}
}
