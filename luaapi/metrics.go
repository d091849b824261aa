package luaapi

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/metric"
)

const metricErrors = "Outside a hook. A bad name, more than five labels, or a number that is infinite or none. `name` was used before as another kind of metric or with other labels: a label that is nil is missing."

var metricsModule = Module{
	"metrics", Library,
	"Numbers of the script's own, for the monitoring system that fetches the daemon's metrics and for `luamilter status --json`: `metrics.count(\"verdicts\", {result = \"spam\"})`. They work in every hook, also in scripts that are only observed, " +
		"and live as long as the daemon: an edit of the script does not reset them. A hook that fails does not take back what it has counted.\n\n" +
		"A name has up to 63 small letters, digits and `_`, and one meaning in the script: one kind, and the same labels in every call. It is shown as `luamilter_script_NAME_total` (a counter), `luamilter_script_NAME` (a gauge), or `luamilter_script_NAME_bucket`, `_sum` and `_count` (a histogram), " +
		"with the labels `listener` and `script` and those of the script. `labels` is a table such as `{result = \"spam\", stage = \"eom\"}` of up to five; their values are texts, numbers or booleans. Values are cut at 100 bytes; what is not valid UTF-8, and control characters, become U+FFFD.\n\n" +
		"Each combination of values is a series, and costs memory here and in the monitoring system. So give labels few values, and never put addresses or other things that senders choose into them. A script can have 100 metrics and 1,000 series, in which a histogram's count 22 times, and all scripts together 20,000. " +
		"What comes beyond goes into the series with the label values `other`, and the log warns once.",
	nil,
	[]Func{
		{"count", "name: string, labels: table?, n: number?", "", "", "Adds `n`, 1 if it is not given, to the counter `name` with these `labels`.", metricErrors + " `n` is negative.", "", (*Env).bindCountMetric},
		{"set", "name: string, value: number, labels: table?", "", "", "Sets the gauge `name` with these `labels` to `value`. Sessions run side by side: the last one wins.", metricErrors, "", (*Env).bindSetMetric},
		{"observe", "name: string, value: number, labels: table?", "", "", "Adds `value` to the histogram `name` with these `labels`. Its classes end at 0.001, 0.003, 0.01, 0.03 and so on to 1,000,000.", metricErrors, "", (*Env).bindObserveMetric},
	},
}

func (e *Env) bindCountMetric() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "metrics.count"
		e.dotted(L, function)
		n := 1.0
		if L.Get(3) != lua.LNil {
			n = float(L, function, 3, "n")
		}
		e.measure(L, function, metric.Counter, n, 2)
		return 0
	}
}

func (e *Env) bindSetMetric() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "metrics.set"
		e.dotted(L, function)
		e.measure(L, function, metric.Gauge, float(L, function, 2, "value"), 3)
		return 0
	}
}

func (e *Env) bindObserveMetric() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "metrics.observe"
		e.dotted(L, function)
		e.measure(L, function, metric.Histogram, float(L, function, 2, "value"), 3)
		return 0
	}
}

// dotted refuses a call with a colon.
func (e *Env) dotted(L *lua.LState, function string) {
	module, _, _ := strings.Cut(function, ".")
	if lib := e.libraries[module]; lib != nil && L.Get(1) == lua.LValue(lib) {
		L.RaiseError("%s is a function: write %s(...), with a dot", function, function)
	}
}

// measure gives a value to a metric. The labels are the argument at a place.
func (e *Env) measure(L *lua.LState, function string, kind metric.Kind, value float64, arg int) {
	c := e.current(L, function)
	name := text(L, function, 1, "name")
	var space [metric.MaxLabels]metric.Label
	labels := space[:metricLabels(L, function, arg, &space)]
	m, at := c.Host.Metrics(), func() string { return calledAt(L) }
	var err error
	switch kind {
	case metric.Counter:
		err = m.Count(name, labels, value, at)
	case metric.Gauge:
		err = m.Set(name, labels, value, at)
	case metric.Histogram:
		err = m.Observe(name, labels, value, at)
	}
	orRaise(L, function, err)
}

// calledAt names the place in a script that called the running function, as errors do.
func calledAt(L *lua.LState) string {
	script, line := caller(L)
	if script == "" {
		return "an earlier call"
	}
	return fmt.Sprintf("%s:%d", script, line)
}

// metricLabels reads labels, and returns how many there are.
func metricLabels(L *lua.LState, function string, arg int, into *[metric.MaxLabels]metric.Label) int {
	table, ok := L.Get(arg).(*lua.LTable)
	switch {
	case L.Get(arg) == lua.LNil:
		return 0
	case !ok:
		L.RaiseError("%s: labels is %s; a table such as {result = \"spam\"} was expected", function, kindOf(L.Get(arg)))
	}
	n := 0
	for k, v := table.Next(lua.LNil); k != lua.LNil; k, v = table.Next(k) {
		name, ok := k.(lua.LString)
		switch {
		case !ok:
			L.RaiseError("%s: a label has no name; write {name = value}", function)
		case n == metric.MaxLabels:
			orRaise(L, function, metric.ErrLabels)
		}
		into[n] = metric.Label{Name: string(name), Value: labelValue(L, function, string(name), v)}
		n++
	}
	return n
}

// labelValue writes a value of a label.
func labelValue(L *lua.LState, function, name string, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return fullNumber(v)
	case lua.LBool:
		return v.String()
	}
	L.RaiseError("%s: label %s is %s; text, a number or a boolean was expected", function, shortKey(lua.LString(name)), kindOf(v))
	return ""
}
