package luaapi

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/luaapi/metric"
	"luamilter/protocol"
)

// counting returns a VM in a hook that can count, and the store that it counts in.
func counting(t testing.TB, stage protocol.Stage) (*vm, *metric.Store) {
	v := newVM(t, stage)
	s := metric.NewStore(func(_, script, what string) { t.Errorf("%s: %s", script, what) })
	v.host.metrics = s.Set("default", "s").Version()
	return v, s
}

// metricLines shows what was counted.
func metricLines(s *metric.Store) string {
	var out strings.Builder
	for _, m := range s.Read()[0].Metrics {
		for _, one := range m.Series {
			fmt.Fprintf(&out, "%s %s%q%q %v\n", m.Kind, m.Name, m.Labels, one.Values, one.Value)
		}
	}
	return out.String()
}

func TestMetrics(t *testing.T) {
	v, s := counting(t, protocol.StageEOM)
	for _, script := range []string{
		`metrics.count("hits")`,
		`metrics.count("hits", nil, 2)`,
		`metrics.count("hits", {}, 0.5)`,
		`metrics.count("hits", nil, nil)`,
		`for i = 1, 3 do metrics.count("mails", {result = "spam", n = i, tls = i > 2}) end`,
		`coroutine.wrap(function() metrics.count("hits") end)()`,
		`require("metrics").count("hits")`,
		`metrics.set("queue", 7)`,
		`metrics.set("queue", -7.5)`,
		`metrics.set("load", 1, {host = "a\n\255"})`,
		`metrics.observe("size", 500)`,
		`metrics.observe("size", 1e9)`,
	} {
		v.want(script, "nil")
	}
	want := `counter hits[][] 6.5
gauge load["host"]["a��"] 1
counter mails["n" "result" "tls"]["1" "spam" "false"] 1
counter mails["n" "result" "tls"]["2" "spam" "false"] 1
counter mails["n" "result" "tls"]["3" "spam" "true"] 1
gauge queue[][] -7.5
histogram size[][] 1.0000005e+09
`
	if got := metricLines(s); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Metrics work in every hook, and nowhere else.
func TestMetricsEverywhere(t *testing.T) {
	for stage := range protocol.Stage(protocol.NumStages) {
		v, s := counting(t, stage)
		v.want(`metrics.count("hits") metrics.set("level", 1) metrics.observe("size", 1)`, "nil")
		if got := metricLines(s); strings.Count(got, "\n") != 3 {
			t.Errorf("%s: %s", stage, got)
		}
		v.End()
		v.fails(`metrics.count("hits")`, "metrics.count works only inside a hook, not while the script is loaded")
	}
}

func TestMetricErrors(t *testing.T) {
	v, _ := counting(t, protocol.StageRcpt)
	v.want("\n\nmetrics.count('known', {a = 1})", "nil")
	v.want("pcall(metrics.count, 'tried')", "nil")
	for _, tt := range []struct{ script, want string }{
		{`metrics.count()`, "metrics.count: name is nil; a string was expected"},
		{`metrics:count("x")`, "metrics.count is a function: write metrics.count(...), with a dot"},
		{`metrics:set("x", 1)`, "metrics.set is a function: write metrics.set(...), with a dot"},
		{`metrics:observe("x", 1)`, "metrics.observe is a function: write metrics.observe(...), with a dot"},
		{`metrics.count("X")`, `metrics.count: "X" is no name for a metric: it takes up to 63 small letters, digits and _, and begins with no digit`},
		{`metrics.count("x", 5)`, `metrics.count: labels is a number; a table such as {result = "spam"} was expected`},
		{`metrics.count("x", {"spam"})`, "metrics.count: a label has no name; write {name = value}"},
		{`metrics.count("x", {a = {}})`, "metrics.count: label a is a table; text, a number or a boolean was expected"},
		{`metrics.count("x", {script = "x"})`, `metrics.count: label "script" has a meaning already (as have listener, script, le, quantile, and what begins with __); choose another name`},
		{`metrics.count("x", {a=1, b=1, c=1, d=1, e=1, f=1})`, "metrics.count: a metric has at most 5 labels"},
		{`metrics.count("x", nil, "1")`, "metrics.count: n is a string; a number was expected"},
		{`metrics.count("x", nil, -1)`, "metrics.count: n is -1; a counter only goes up (metrics.set is for what goes down too)"},
		{`metrics.set("x")`, "metrics.set: value is nil; a number was expected"},
		{`metrics.observe("x", 0/0)`, "metrics.observe: the value is infinite or no number at all"},
		{`metrics.set("known", 1, {a = 1})`, "metrics.set: known is a counter since its use at s.lua:3, and cannot be a gauge too; choose another name"},
		{`metrics.count("known", {a = nil})`, `metrics.count: known comes with no labels, but had the labels a at s.lua:3; a label that is nil is missing, give it a text such as "none"`},
		{`metrics.set("tried", 1)`, "metrics.set: tried is a counter since its use at an earlier call, and cannot be a gauge too; choose another name"},
	} {
		v.fails(tt.script, tt.want)
	}
	v.want(`local many = {} for i = 1, 1e5 do many["l" .. i] = i end return (pcall(metrics.count, "x", many))`, "false")
}

func BenchmarkMetrics(b *testing.B) {
	v, _ := counting(b, protocol.StageRcpt)
	b.ReportAllocs()
	if _, err := v.run(fmt.Sprintf(`local labels = {result = "spam", stage = "rcpt"} for i = 1, %d do metrics.count("hits", labels) end`, b.N)); err != nil {
		b.Fatal(err)
	}
}
