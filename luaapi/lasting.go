package luaapi

import (
	"math"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/date"
)

// lengthOfTime returns a value that is a length of time above zero: a number of seconds, or a text such as "90s", "5m", "2h" or "1d".
func lengthOfTime(L *lua.LState, function, what string, v lua.LValue) time.Duration {
	var d time.Duration
	switch v := v.(type) {
	case lua.LNumber:
		d = secondsOf(float64(v))
	case lua.LString:
		d = parseLength(string(v))
	default:
		L.RaiseError("%s: %s is %s; seconds, or a text such as \"5m\", was expected", function, what, kindOf(v))
	}
	if d <= 0 {
		L.RaiseError("%s: %s is %s; seconds above 0, or a text such as \"90s\", \"5m\", \"2h\" or \"1d\", was expected", function, what, settingText(v))
	}
	return d
}

// longest is how long a length of time gets.
const longest = 100 * 365 * 24 * time.Hour

// secondsOf returns a number of seconds, 0 if it is no length of time. What is above zero is a millisecond at least.
func secondsOf(seconds float64) time.Duration {
	switch {
	case !(seconds > 0) || math.IsInf(seconds, 1):
		return 0
	case seconds > longest.Seconds():
		return longest
	}
	return max(time.Millisecond, time.Duration(seconds*float64(time.Second)))
}

// parseLength reads a length of time, 0 if it is none.
func parseLength(s string) time.Duration {
	d, _ := readLength(s)
	return secondsOf(d.Seconds())
}

// isLength reports whether a text is a length of time, be it zero.
func isLength(s string) bool {
	_, ok := readLength(s)
	return ok
}

// readLength is date.ParseDuration, but a number alone is no length: whoever writes "5" may mean minutes.
func readLength(s string) (d time.Duration, ok bool) {
	if _, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil {
		return 0, false
	}
	d, err := date.ParseDuration(s)
	return d, err == nil
}
