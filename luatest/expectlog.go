package luatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/metric"
)

// from makes a method of an expectation about a session, or a result of one.
func (f *file) from(name string, check func(L *lua.LState, s *session)) lua.LGFunction {
	return f.about(name, func(L *lua.LState, v lua.LValue) {
		s := sessionOf(v)
		if s == nil {
			L.RaiseError("expect:%s: the value is %s; a session or a result was expected", name, kind(v))
		}
		check(L, s)
	})
}

// logged is expect(session):logged(text).
func (f *file) logged(L *lua.LState, s *session) {
	want := textArg(L, "expect:logged", 2, "text")
	var got []string
	for line := range strings.Lines(s.log.String()) {
		shown, ok := logLine(line)
		if !ok {
			continue
		}
		if strings.Contains(shown, want) {
			return
		}
		got = append(got, shown)
	}
	f.fail(L, Failure{Expected: "a line with " + quote(want), Got: orNothing(got)}, "no script logged that")
}

// logLine shows what a script logged: the level, the text, and the fields that the script gave. It reports false for the engine's own lines.
func logLine(line string) (string, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(line), &fields) != nil || fields["hook"] == nil || fields["stack"] != nil {
		return "", false
	}
	parts := []string{unquoted(fields["level"]), unquoted(fields["message"])}
	for _, name := range []string{"level", "message", "conn", "client", "queue_id", "script", "line", "hook"} {
		delete(fields, name)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name+"="+unquoted(fields[name]))
	}
	return strings.Join(parts, " "), true
}

// unquoted is a value of JSON as people read it.
func unquoted(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(bytes.TrimSpace(raw))
}

// metric is expect(session):metric(name, value, labels).
func (f *file) metric(L *lua.LState, s *session) {
	name := textArg(L, "expect:metric", 2, "name")
	want, ok := L.Get(3).(lua.LNumber)
	if !ok {
		L.RaiseError("expect:metric: value is %s; a number was expected", kind(L.Get(3)))
	}
	labels, _ := L.Get(4).(*lua.LTable)
	sum, found := 0.0, false
	var got []string
	for _, script := range s.filter.Engine().ScriptMetrics() {
		for _, m := range script.Metrics {
			for _, series := range m.Series {
				got = append(got, fmt.Sprintf("%s%s %v", m.Name, labelText(m.Labels, series.Values), value(m.Kind, series)))
				if m.Name == name && hasLabels(labels, m.Labels, series.Values) {
					sum, found = sum+value(m.Kind, series), true
				}
			}
		}
	}
	if !found && want != 0 || sum != float64(want) {
		f.fail(L, Failure{Expected: name + " " + show(want), Got: orNothing(got)}, "the metric has another value")
	}
}

// value is a series as one number: how many values a histogram has.
func value(k metric.Kind, s metric.Series) float64 {
	if k != metric.Histogram {
		return s.Value
	}
	n := uint64(0)
	for _, class := range s.Classes {
		n += class
	}
	return float64(n)
}

// hasLabels reports whether a series has all labels of a table, which may be nil.
func hasLabels(t *lua.LTable, names, values []string) bool {
	if t == nil {
		return true
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		text, _ := textOf(v)
		if i := slices.Index(names, k.String()); i < 0 || values[i] != text {
			return false
		}
	}
	return true
}

func labelText(names, values []string) string {
	var parts []string
	for i, name := range names {
		parts = append(parts, name+"="+quote(values[i]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
