package luaapi

import (
	"fmt"
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/date"
	"luamilter/luaapi/mail"
)

// layoutNamed returns the layout of a name.
func layoutNamed(layout string) string {
	switch layout {
	case "", "rfc3339":
		return "%Y-%m-%dT%H:%M:%S" // and an offset with a colon
	case "rfc5322":
		return "%a, %d %b %Y %H:%M:%S %z"
	}
	return layout
}

// zoneNamed returns a time zone: "utc", "local", or an offset.
func zoneNamed(L *lua.LState, function string, arg int) *time.Location {
	name, _ := optionalText(L, function, arg, "the zone")
	switch name {
	case "", "utc", "UTC":
		return time.UTC
	case "local":
		return time.Local
	}
	at, err := date.Parse("%z", name, time.UTC)
	if err != nil {
		L.RaiseError("%s: there is no zone %s; write \"utc\", \"local\" or an offset such as \"+0200\"", function, shortKey(lua.LString(name)))
	}
	return at.Location()
}

func (e *Env) bindTimeParse() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "time.parse"
		s, given := e.foreign(L, function, 1, "the text")
		layout, hasLayout := optionalText(L, function, 2, "the layout")
		zone := zoneNamed(L, function, 3)
		if !given {
			return pushWhy(L, "there is no time: the text is nil")
		}
		e.spend(L, len(layout))
		var at time.Time
		var err error
		switch {
		case !hasLayout:
			at, err = mail.ParseDate(s)
		case layout == "rfc3339":
			at, err = time.Parse(time.RFC3339, s)
			if err != nil {
				err = fmt.Errorf("%.60q is no time such as 2026-11-26T18:21:42Z", s)
			}
		default:
			at, err = date.Parse(layoutNamed(layout), s, zone)
		}
		if err != nil {
			return pushWhy(L, err.Error())
		}
		_, offset := at.Zone()
		L.Push(lua.LNumber(float64(at.Unix()) + float64(at.Nanosecond())/1e9))
		L.Push(wholeNumber(offset))
		return 2
	}
}

func (e *Env) bindTimeFormat() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "time.format"
		e.dotted(L, function)
		seconds := float(L, function, 1, "seconds")
		layout, _ := optionalText(L, function, 2, "the layout")
		at, ok := date.At(math.Floor(seconds), zoneNamed(L, function, 3))
		if !ok {
			L.RaiseError("%s: seconds is %s, which no calendar has", function, fullNumber(lua.LNumber(seconds)))
		}
		e.grow(L, 32*len(layout)) // see date.Format
		text := date.Format(layoutNamed(layout), at)
		if layout == "" || layout == "rfc3339" {
			text += at.Format("Z07:00")
		}
		L.Push(lua.LString(text))
		return 1
	}
}

func (e *Env) bindParseDuration() lua.LGFunction {
	return func(L *lua.LState) int {
		s, given := e.foreign(L, "time.parse_duration", 1, "the text")
		if !given {
			return pushWhy(L, "there is no duration: the text is nil")
		}
		d, err := date.ParseDuration(s)
		if err != nil {
			return pushWhy(L, err.Error())
		}
		L.Push(lua.LNumber(d.Seconds()))
		return 1
	}
}

func (e *Env) bindFormatDuration() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "time.format_duration"
		e.dotted(L, function)
		seconds := float(L, function, 1, "seconds")
		const most = float64(math.MaxInt64 / int64(time.Second))
		if !(math.Abs(seconds) < most) {
			L.RaiseError("%s: seconds is %s; less than 290 years were expected", function, fullNumber(lua.LNumber(seconds)))
		}
		L.Push(lua.LString(date.FormatDuration(time.Duration(seconds * float64(time.Second)).Round(time.Millisecond))))
		return 1
	}
}
