package luaapi

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

func TestSettings(t *testing.T) {
	const script = `
local cfg = settings { delay = "5m", limit = 100, ratio = 0.5, strict = false, name = "gate", trusted = { "a.example" }, any = {}, scores = { spam = 5, ham = -1 } }
return ("%s %s %s %s %s %s %d %s %s"):format(cfg.delay, cfg.limit, cfg.ratio, tostring(cfg.strict), cfg.name, table.concat(cfg.trusted, "+"), #cfg.any, cfg.scores.spam, cfg.scores.ham)`
	given := func(name string, v any) map[string]Given { return map[string]Given{name: {v, "conf:7"}} }
	for _, tt := range []struct {
		name  string
		given map[string]Given
		want  string // result, or the error from "settings:"
	}{
		{"nothing said", nil, "5m 100 0.5 false gate a.example 0 5 -1"},
		{"a time", given("delay", "1h30m"), "1h30m 100 0.5 false gate a.example 0 5 -1"},
		{"days", given("delay", "7d"), "7d 100 0.5 false gate a.example 0 5 -1"},
		{"a whole number", given("limit", int64(7)), "5m 7 0.5 false gate a.example 0 5 -1"},
		{"a fraction", given("ratio", 0.25), "5m 100 0.25 false gate a.example 0 5 -1"},
		{"a boolean", given("strict", true), "5m 100 0.5 true gate a.example 0 5 -1"},
		{"text", given("name", "door"), "5m 100 0.5 false door a.example 0 5 -1"},
		{"a list", given("trusted", []any{"b.example", "c.example"}), "5m 100 0.5 false gate b.example+c.example 0 5 -1"},
		{"an empty list", given("trusted", []any{}), "5m 100 0.5 false gate  0 5 -1"},
		{"a list where the default is empty", given("any", []any{int64(1), "x"}), "5m 100 0.5 false gate a.example 2 5 -1"},
		{"part of a table", given("scores", map[string]any{"spam": int64(9), "new": "x"}), "5m 100 0.5 false gate a.example 0 9 -1"},

		{"no time", given("delay", "soon"), `conf:7: delay: a length of time was expected, as the default "5m"; the configuration has the text "soon"`},
		{"a number for a time", given("delay", int64(5)), `conf:7: delay: a length of time was expected, as the default "5m"; the configuration has the number 5`},
		{"text for a number", given("limit", "7"), `conf:7: limit: a number was expected, as the default 100; the configuration has the text "7"`},
		{"a number for text", given("name", int64(1)), `conf:7: name: text was expected, as the default "gate"; the configuration has the number 1`},
		{"text for a list", given("trusted", "b.example"), `conf:7: trusted: a list was expected, as the default ["a.example"]; the configuration has the text "b.example"`},
		{"another kind of item", given("trusted", []any{"b.example", int64(2)}), `conf:7: trusted: item 2: text was expected, as the default "a.example"; the configuration has the number 2`},
		{"another kind in a table", given("scores", map[string]any{"spam": true}), `conf:7: scores: spam: a number was expected, as the default 5; the configuration has the boolean true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVM(t, protocol.StageEOM)
			v.End()
			v.Settings = tt.given
			got, err := v.run(script)
			said := fmt.Sprint(got)
			if err != nil {
				_, said, _ = strings.Cut(strings.SplitN(err.Error(), "\n", 2)[0], "settings: ")
			}
			if said != tt.want {
				t.Errorf("\n got %s\nwant %s", said, tt.want)
			}
		})
	}
}

func TestSettingsDeclared(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.End()
	v.Settings = map[string]Given{"limit": {int64(7), "conf:7"}}
	if _, err := v.run(`settings { limit = 100 } settings { list = { 1, "x" }, t = { b = 1, a = true } }`); err != nil {
		t.Fatal(err)
	}
	want := map[string]Setting{
		"limit": {"limit", "number", "7", "100", "conf:7"},
		"list":  {"list", "list", `[1, "x"]`, `[1, "x"]`, ""},
		"t":     {"t", "table", `{a = true, b = 1}`, `{a = true, b = 1}`, ""},
	}
	if len(v.Declared) != len(want) {
		t.Errorf("%+v", v.Declared)
	}
	for _, s := range v.Declared {
		if s != want[s.Name] {
			t.Errorf("%+v; want %+v", s, want[s.Name])
		}
	}
}

func TestSettingsMisused(t *testing.T) {
	for script, want := range map[string]string{
		`settings { f = print }`:                "the default of f is a function; it can be text, a number, a boolean, a list or a table of those",
		`settings { t = { { f = print } } }`:    "the default of t is a table; it can be text, a number, a boolean, a list or a table of those",
		`settings { "x" }`:                      "1 has no name; write name = value",
		`settings()`:                            "defaults is nil; a table such as { limit = 100 } was expected",
		`settings { a = 1 } settings { a = 2 }`: "a is declared twice",
	} {
		v := newVM(t, protocol.StageEOM)
		v.End()
		if _, err := v.run(script); err == nil || !strings.Contains(err.Error(), "settings: "+want) {
			t.Errorf("%s: %v; want %s", script, err, want)
		}
	}
	v := newVM(t, protocol.StageEOM)
	if _, err := v.run(`settings { a = 1 }`); err == nil || !strings.Contains(err.Error(), "not inside a hook") {
		t.Error(err)
	}
}
