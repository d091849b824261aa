package luaapi

import (
	"strings"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"
)

var logModule = Module{
	"log", Library,
	"Writes a line to the daemon's log, with the connection's id and, once known, the queue id. fields is a table of further values: log.info(\"seen\", {size = 10}).",
	nil,
	[]Func{
		{"debug", "text: string, fields: table?", "", "", "Logs for the author; not shown unless the log level is debug.", "", bindLog(zerolog.DebugLevel)},
		{"info", "text: string, fields: table?", "", "", "Logs what happens in normal operation.", "", bindLog(zerolog.InfoLevel)},
		{"warn", "text: string, fields: table?", "", "", "Logs what somebody should look at.", "", bindLog(zerolog.WarnLevel)},
		{"error", "text: string, fields: table?", "", "", "Logs what somebody must act on.", "", bindLog(zerolog.ErrorLevel)},
	},
}

// bindPrint makes print write to the log: a daemon has no other place where somebody would look.
func (e *Env) bindPrint() lua.LGFunction {
	return func(L *lua.LState) int {
		var parts []string
		for _, v := range arguments(L, 1) {
			parts = append(parts, cut(L.ToStringMeta(v).String(), maxLogText))
		}
		e.logText(zerolog.InfoLevel, "print", strings.Join(parts, "\t"), nil)
		return 0
	}
}

// maxLogText bounds what one call can write.
const maxLogText = 8 << 10

func bindLog(level zerolog.Level) func(*Env) lua.LGFunction {
	return func(e *Env) lua.LGFunction {
		return func(L *lua.LState) int {
			e.logText(level, "log."+level.String(), L.ToStringMeta(L.CheckAny(1)).String(), L.OptTable(2, nil))
			return 0
		}
	}
}

func (e *Env) logText(level zerolog.Level, function, text string, fields *lua.LTable) {
	c := e.current(function)
	if c.Log.GetLevel() > level {
		return
	}
	ev := c.Log.WithLevel(level).Str("hook", c.Stage.String())
	if q := c.Conn.QueueID(); q != "" {
		ev = ev.Str("queue_id", q)
	}
	if fields != nil {
		fields.ForEach(func(k, v lua.LValue) { ev = logField(e.L, ev, k.String(), v) })
	}
	ev.Msg(strings.ToValidUTF8(cut(text, maxLogText), "\uFFFD"))
}

func logField(L *lua.LState, ev *zerolog.Event, name string, v lua.LValue) *zerolog.Event {
	switch v := v.(type) {
	case lua.LNumber:
		return ev.Float64(name, float64(v))
	case lua.LBool:
		return ev.Bool(name, bool(v))
	case *lua.LTable:
		items := make([]string, 0, v.Len())
		for i := 1; i <= v.Len(); i++ {
			items = append(items, cut(L.ToStringMeta(v.RawGetInt(i)).String(), maxLogText))
		}
		return ev.Strs(name, items)
	}
	return ev.Str(name, cut(L.ToStringMeta(v).String(), maxLogText))
}

// cut shortens a text that is too long to log.
func cut(s string, limit int) string {
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}
