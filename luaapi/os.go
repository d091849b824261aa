package luaapi

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/date"
)

var osModule = Module{
	"os", Library,
	"The date and the time, in the time zone of the daemon. Of Lua's other functions here, which reach files and programs, there are none.",
	nil,
	[]Func{
		{"clock", "", "number", "", "The seconds since this VM was made, with fractions: the difference of two calls is the time that passed. In Lua it is computing time, but that of the daemon is not the script's.", "", manualOS, (*Env).bindClock},
		{"date", "format: string?, time: number?", "any", "", "The `time`, by default now, written after `format` as strftime does: `\"%a, %d %b %Y %H:%M:%S %z\"` is what header fields have, `\"%c\"` the default. UTC if `format` begins with `!`. `\"*t\"` gives a table with `year month day hour min sec wday yday isdst`. Nil if `time` is out of reach.", "", manualOS, (*Env).bindDate},
		{"difftime", "t2: number, t1: number?", "number", "", "The seconds from `t1`, by default 0, to `t2`.", "", manualOS, plainly(osDifftime)},
		{"time", "t: table?", "number?", "", "The seconds since 1970-01-01 00:00 UTC: now, or at the local time in `t`, with `year month day` and, if they are there, `hour` (12), `min`, `sec` and `isdst`. Values may be out of range: month 13 is January. Nil if the year is out of reach.", "`year`, `month` or `day` is missing.", manualOS, (*Env).bindOSTime},
	},
}

const manualOS = "Lua 5.1 manual section 5.8"

// bindClock makes os.clock(). Computing time of the process would cost a system call, and be that of all connections.
func (e *Env) bindClock() lua.LGFunction {
	start := e.Clock.Now()
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(e.Clock.Now().Sub(start).Seconds()))
		return 1
	}
}

func osDifftime(L *lua.LState) int {
	t2, t1 := checkNumber(L, "difftime", 1), 0.0
	if !missing(L, 2) {
		t1 = checkNumber(L, "difftime", 2)
	}
	L.Push(lua.LNumber(math.Trunc(t2) - math.Trunc(t1)))
	return 1
}

// bindOSTime makes os.time(t).
func (e *Env) bindOSTime() lua.LGFunction {
	return func(L *lua.LState) int {
		if missing(L, 1) {
			L.Push(lua.LNumber(e.Clock.Now().Unix()))
			return 1
		}
		return osTime(L)
	}
}

// osTime is os.time(t) for a table.
func osTime(L *lua.LState) int {
	t := checkTable(L, "time", 1)
	f := date.Fields{
		Sec: dateField(L, t, "sec", 0), Min: dateField(L, t, "min", 0), Hour: dateField(L, t, "hour", 12),
		Day: dateField(L, t, "day", -1), Month: dateField(L, t, "month", -1), Year: dateField(L, t, "year", -1),
	}
	switch L.GetField(t, "isdst") {
	case lua.LNil:
	case lua.LFalse:
		f.DST = date.Standard
	default:
		f.DST = date.Summer
	}
	seconds, ok := f.Unix(time.Local)
	pushNumber(L, float64(seconds), ok)
	return 1
}

// dateField returns a field of a date table. One that has no default must be there.
func dateField(L *lua.LState, t *lua.LTable, name string, def int) int {
	f, ok := toNumber(L.GetField(t, name))
	switch {
	case ok:
		return toInt(f)
	case def < 0:
		L.RaiseError("field '%s' missing in date table", name)
	}
	return def
}

// bindDate makes os.date(format, time).
func (e *Env) bindDate() lua.LGFunction {
	return func(L *lua.LState) int {
		layout, zone := optString(L, "date", 1, "%c"), time.Local
		seconds := float64(e.Clock.Now().Unix())
		if !missing(L, 2) {
			seconds = checkNumber(L, "date", 2)
		}
		if layout != "" && layout[0] == '!' {
			layout, zone = layout[1:], greenwich
		}
		at, ok := date.At(seconds, zone)
		switch {
		case !ok:
			L.Push(lua.LNil)
		case layout == "*t":
			L.Push(dateTable(L, date.Split(at)))
		default:
			orRaisePlainly(L, e.Budget.Grow(16*len(layout)))
			e.spend(L, 10+len(layout))
			L.Push(lua.LString(date.Format(layout, at)))
		}
		return 1
	}
}

// greenwich is UTC by the name that strftime gives it.
var greenwich = time.FixedZone("GMT", 0)

func dateTable(L *lua.LState, f date.Fields) *lua.LTable {
	t := L.CreateTable(0, 9)
	for _, field := range [...]struct {
		name  string
		value int
	}{{"year", f.Year}, {"month", f.Month}, {"day", f.Day}, {"hour", f.Hour}, {"min", f.Min}, {"sec", f.Sec}, {"wday", f.Weekday}, {"yday", f.YearDay}} {
		t.RawSetString(field.name, wholeNumber(field.value))
	}
	t.RawSetString("isdst", lua.LBool(f.DST == date.Summer))
	return t
}
