package luaapi

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"
)

var logModule = Module{
	"log", Library,
	"Writes a line to the daemon's log, with the connection's id, the script and its line, the hook and, once known, the queue id. Any value is taken as `text`. `fields` is a table of further values: " +
		"`log.info(\"seen\", {size = 10})`; an array in it is logged as a list. Long texts are cut (at 8 KiB), as are long lists (at 100 items) and tables of more than 50 fields; control characters are written as `\\n` or `\\x1b`. " +
		"A field with a name that the log itself uses, such as `level`, gets an underscore: `level_`.",
	nil,
	[]Func{
		{"debug", "text: any, fields: table?", "", "", "Logs `text` and `fields` for the author; not shown unless the log level is debug.", "", "", bindLog(zerolog.DebugLevel)},
		{"info", "text: any, fields: table?", "", "", "Logs `text` and `fields`: what happens in normal operation.", "", "", bindLog(zerolog.InfoLevel)},
		{"warn", "text: any, fields: table?", "", "", "Logs `text` and `fields`: what somebody should look at.", "", "", bindLog(zerolog.WarnLevel)},
		{"error", "text: any, fields: table?", "", "", "Logs `text` and `fields`: what somebody must act on.", "", "", bindLog(zerolog.ErrorLevel)},
	},
}

// Bounds of what one call can write.
const (
	maxLogText   = 8 << 10
	maxLogList   = 100
	maxLogFields = 50
	maxLogName   = 100
)

// ownFields are the names that the log uses itself.
var ownFields = []string{
	zerolog.LevelFieldName, zerolog.TimestampFieldName, zerolog.MessageFieldName, zerolog.ErrorFieldName, "conn", "client", "queue_id", "script", "line", "hook", "stack", "excerpt",
}

// bindPrint makes print write to the log: a daemon has no other place where somebody would look.
func (e *Env) bindPrint() lua.LGFunction {
	return func(L *lua.LState) int {
		e.current(L, "print")
		var parts []string
		for i := 1; i <= L.GetTop(); i++ {
			parts = append(parts, shown(L, L.Get(i)))
		}
		e.log(L, zerolog.InfoLevel, "print", lua.LString(strings.Join(parts, "\t")), nil)
		return 0
	}
}

func bindLog(level zerolog.Level) func(*Env) lua.LGFunction {
	function := "log." + level.String()
	return func(e *Env) lua.LGFunction {
		return func(L *lua.LState) int {
			e.current(L, function)
			fields, ok := L.Get(2).(*lua.LTable)
			switch {
			case L.GetTop() == 0:
				L.RaiseError("%s: there is no text", function)
			case L.Get(1) == lua.LValue(e.libraries["log"]):
				L.RaiseError("%s is a function: write %s(...), with a dot", function, function)
			case !ok && L.Get(2) != lua.LNil:
				L.RaiseError("%s: fields is %s; a table was expected", function, kindOf(L.Get(2)))
			}
			e.log(L, level, function, L.Get(1), fields)
			return 0
		}
	}
}

// log writes a line if the level is shown.
func (e *Env) log(L *lua.LState, level zerolog.Level, function string, text lua.LValue, fields *lua.LTable) {
	c := e.current(L, function)
	if max(c.Log.GetLevel(), zerolog.GlobalLevel()) > level {
		return
	}
	ev := c.Log.WithLevel(level)
	if script, line := caller(L); script != "" {
		ev = ev.Str("script", script).Int("line", line)
	}
	ev = ev.Str("hook", c.Hook())
	if q := c.Conn.QueueID(); q != "" {
		ev = ev.Str("queue_id", q)
	}
	if fields != nil {
		logFields(L, ev, fields)
	}
	ev.Msg(logValue(L, text))
}

// caller returns the place in a script that called the running function, "" if it is not known.
func caller(L *lua.LState) (script string, line int) {
	frame, ok := L.GetStack(1)
	if !ok {
		return "", 0
	}
	if _, err := L.GetInfo("Sl", frame, lua.LNil); err != nil {
		return "", 0
	}
	return frame.Source, frame.CurrentLine
}

// logFields adds a script's fields to a line.
func logFields(L *lua.LState, ev *zerolog.Event, fields *lua.LTable) {
	n := 0
	for k, v := fields.Next(lua.LNil); k != lua.LNil; k, v = fields.Next(k) {
		if n++; n > maxLogFields {
			ev.Bool("more_", true)
			return
		}
		name := cut(clean(k.String()), maxLogName)
		if slices.Contains(ownFields, name) {
			name += "_"
		}
		logField(L, ev, name, v)
	}
}

func logField(L *lua.LState, ev *zerolog.Event, name string, v lua.LValue) {
	switch v := v.(type) {
	case lua.LNumber:
		ev.Float64(name, float64(v))
	case lua.LBool:
		ev.Bool(name, bool(v))
	case *lua.LTable:
		size := v.Len()
		items := make([]string, 0, min(size, maxLogList+1))
		for i := 1; i <= size && i <= maxLogList; i++ {
			items = append(items, logValue(L, v.RawGetInt(i)))
		}
		if size > maxLogList {
			items = append(items, "...")
		}
		ev.Strs(name, items)
	default:
		ev.Str(name, logValue(L, v))
	}
}

// logValue writes a value fit for a log.
func logValue(L *lua.LState, v lua.LValue) string { return clean(shown(L, v)) }

// shown writes a value as tostring does, and not too long.
func shown(L *lua.LState, v lua.LValue) string {
	if n, ok := v.(lua.LNumber); ok {
		return fullNumber(n)
	}
	return cut(L.ToStringMeta(v).String(), maxLogText)
}

// clean makes text valid UTF-8 and writes control characters so that they show and do nothing to a terminal.
func clean(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			out.WriteByte('\t')
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case unicode.IsControl(r):
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// cut shortens a text that is too long to log, at the end of a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for n := limit; n > limit-utf8.UTFMax && n > 0; n-- {
		if utf8.RuneStart(s[n]) {
			return s[:n] + "..."
		}
	}
	return s[:limit] + "..."
}
