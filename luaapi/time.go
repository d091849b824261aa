package luaapi

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
)

var timeModule = Module{
	"time", Require,
	"Time and waiting. A time is the seconds since 1970-01-01 00:00 UTC. A text that is no time never raises an error: functions return nil, and why.",
	nil,
	[]Func{
		{"now", "", "number", "", "The seconds since 1970-01-01 00:00 UTC, with fractions.", "", "", (*Env).bindNow},
		{"sleep", "seconds: number", "", "", "Waits that many `seconds`, with fractions. It blocks this SMTP session only and does not count as computing, but the hook's time limit goes on.", "`seconds` is negative or no number; the hook's time is up, or the daemon stops, before it ends.", "", (*Env).bindSleep},
		{"parse", "text: string?, layout: string?, zone: string?", "number?, string|integer", "", "The time in `text`, and its offset from UTC in seconds. Without a `layout` it is read as mail has it, also in the older and wrong forms of real mail: `time.parse(msg:header(\"Date\"))`. The `layout` may be `rfc3339`, `rfc5322`, or what `%` and a letter stand for as in `os.date`: `%d/%b/%Y:%H:%M:%S %z`. " +
			"If neither says a zone, it is `zone`: `utc`, which is the default, `local`, or an offset such as `+0200`. Nil, and why, if the text does not fit.", noText + " There is no such zone.", "RFC 5322 section 3.3, RFC 3339, POSIX strptime", (*Env).bindTimeParse},
		{"format", "seconds: number, layout: string?, zone: string?", "string", "", "Writes the time `seconds` by a `layout`: `rfc3339`, which is the default, `rfc5322` for a Date field, or what `%` and a letter stand for as in `os.date`, in the `zone` as for `parse`.", "`seconds` is infinite, none or too large; there is no such zone.", "RFC 3339, RFC 5322 section 3.3, POSIX strftime", (*Env).bindTimeFormat},
		{"parse_duration", "text: string?", "number?, string?", "", "The seconds that a duration in `text` has: `500ms`, `5m`, `1h30m`, `2 days`; a number alone is seconds. Nil, and why, if it is no duration.", noText, "", (*Env).bindParseDuration},
		{"format_duration", "seconds: number", "string", "", "Writes `seconds` as people do, to the millisecond: `1h30m`.", "`seconds` is infinite, none, or 290 years or more.", "", (*Env).bindFormatDuration},
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
