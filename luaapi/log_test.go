package luaapi

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/protocol"
)

func TestLog(t *testing.T) {
	v := newVM(t, protocol.StageRcpt)
	for _, tt := range []struct {
		script string
		want   map[string]any // what the line has besides script, line and hook; nil for no line
	}{
		{`log.debug("x")`, nil},
		{`log.info("x")`, map[string]any{"level": "info", "message": "x"}},
		{`log.warn("x")`, map[string]any{"level": "warn", "message": "x"}},
		{`log.error("x")`, map[string]any{"level": "error", "message": "x"}},
		{`log.info(5)`, map[string]any{"level": "info", "message": "5"}},
		{`log.info(0.1 + 0.2)`, map[string]any{"level": "info", "message": "0.3"}},
		{`log.info(nil)`, map[string]any{"level": "info", "message": "nil"}},
		{`log.info(true, nil)`, map[string]any{"level": "info", "message": "true"}},
		{`log.info(reject("x"))`, map[string]any{"level": "info", "message": "reject 550 5.7.1 x"}},
		{`log.info("x", {})`, map[string]any{"level": "info", "message": "x"}},
		{`log.info("x", {a = "s", b = 5, c = true, d = 0/0})`, map[string]any{"level": "info", "message": "x", "a": "s", "b": 5.0, "c": true, "d": "NaN"}},
		{`log.info("x", {list = {"a", 5, true}, raw = raw("r"), empty = {}})`, map[string]any{"level": "info", "message": "x", "list": []any{"a", "5", "true"}, "raw": "r", "empty": []any{}}},
		{`log.info("x", {"first", [true] = 1})`, map[string]any{"level": "info", "message": "x", "1": "first", "true": 1.0}},
		{`log.info("a\nb\r\tc\27[31m\127\0")`, map[string]any{"level": "info", "message": "a\\nb\\r\tc\\x1b[31m\\x7f\\x00"}},
		{`log.info("x", {["a\n"] = "b\n", l = {"c\n"}})`, map[string]any{"level": "info", "message": "x", "a\\n": "b\\n", "l": []any{"c\\n"}}},
		{`log.info("J\195\182rg \246 \194\133")`, map[string]any{"level": "info", "message": "Jörg \ufffd \\x85"}},
		{`log.info("x", {level = "error", message = "m", time = 1, conn = "2", queue_id = "q", script = "s", hook = "h", line = 3, error = "e"})`,
			map[string]any{"level": "info", "message": "x", "level_": "error", "message_": "m", "time_": 1.0, "conn_": "2", "queue_id_": "q", "script_": "s", "hook_": "h", "line_": 3.0, "error_": "e"}},
		{`print("a", 5, nil, true, "b\n")`, map[string]any{"level": "info", "message": "a\t5\tnil\ttrue\tb\\n"}},
		{`print()`, map[string]any{"level": "info"}},
		{`coroutine.wrap(function() log.info("x") end)()`, map[string]any{"level": "info", "message": "x"}},
		{`require("log").info("x")`, map[string]any{"level": "info", "message": "x"}},
	} {
		if _, err := v.run(tt.script); err != nil {
			t.Errorf("%s: %v", tt.script, err)
			continue
		}
		lines := v.lines()
		if tt.want == nil {
			if len(lines) != 0 {
				t.Errorf("%s: %v", tt.script, lines)
			}
			continue
		}
		tt.want["script"], tt.want["line"], tt.want["hook"] = "s.lua", 1.0, "rcpt"
		if len(lines) != 1 || !reflect.DeepEqual(lines[0], tt.want) {
			t.Errorf("%s\n got %v\nwant %v", tt.script, lines, tt.want)
		}
	}
}

func TestLogErrors(t *testing.T) {
	v := newVM(t, protocol.StageRcpt)
	for _, tt := range []struct{ script, want string }{
		{`log.info()`, "log.info: there is no text"},
		{`log:info("x")`, "log.info is a function: write log.info(...), with a dot"},
		{`log.warn("x", "y")`, "log.warn: fields is a string; a table was expected"},
		{`log.error("x", 5)`, "log.error: fields is a number; a table was expected"},
	} {
		v.fails(tt.script, tt.want)
	}
	v.want(`return pcall(log.info, setmetatable({}, {__tostring = function() error("x") end}))`, "false")
	if lines := v.lines(); len(lines) != 0 {
		t.Errorf("logged %v", lines)
	}
	v.End()
	v.fails(`log.debug("x")`, "log.debug works only inside a hook, not while the script is loaded")
	v.fails(`print("x")`, "print works only inside a hook, not while the script is loaded")
}

func TestLogBounds(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	if _, err := v.run(`
	local big = ("\195\182"):rep(2^20)
	local many, list = {}, {}
	for i = 1, 1000 do many["k" .. i], list[i] = big, big end
	log.info("x" .. big, many)
	log.info("list", {list = list, [big] = 1})
	print(unpack(list, 1, 100))`); err != nil {
		t.Fatal(err)
	}
	size := v.log.Len()
	lines := v.lines()
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	if m := lines[0]["message"].(string); len(m) > maxLogText+3 || !strings.HasSuffix(m, "ö...") {
		t.Errorf("a text of %d bytes ends in %q", len(m), m[len(m)-10:])
	}
	if n := len(lines[0]); n != maxLogFields+6 { // level, script, line, hook, message, more_
		t.Errorf("%d fields", n)
	}
	if list := lines[1]["list"].([]any); len(list) != maxLogList+1 || list[maxLogList] != "..." {
		t.Errorf("a list of %d items", len(list))
	}
	if m := lines[2]["message"].(string); len(m) > maxLogText+3 {
		t.Errorf("print wrote %d bytes", len(m))
	}
	if size > 2<<20 {
		t.Errorf("%d bytes were logged", size)
	}
}

func TestLogQueueIDAndPlace(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.macros(nil, map[string]string{"i": "4ABC"})
	if _, err := v.run("\n\n\nlocal function f()\n  log.info('x')\nend\nf()"); err != nil {
		t.Fatal(err)
	}
	if l := v.lines()[0]; l["queue_id"] != "4ABC" || l["line"] != 5.0 {
		t.Errorf("%v", l)
	}
	logger := v.call.Log.Level(zerolog.Disabled)
	v.call.Log = &logger
	v.want(`log.error("x")`, "nil")
	if v.log.Len() != 0 {
		t.Error(v.log.String())
	}
}

func TestClean(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""}, {"a b", "a b"}, {"ö", "ö"}, {"\t", "\t"}, {"\n\r\x00\x1b\x7f\u0085", `\n\r\x00\x1b\x7f\x85`}, {"\xff", "\ufffd"},
	} {
		if got := clean(tt.in); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc..."}, {"aöö", 3, "aö..."}, {"aöö", 2, "a..."}, {"\x80\x80\x80\x80\x80\x80", 5, "\x80\x80\x80\x80\x80..."}, {"ö", 1, "\xc3..."},
	} {
		if got := cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestNumberText(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		"0": "0", "-0": "0", "1.5": "1.5", "-3": "-3", "1e15": "1000000000000000", "2^53": "9007199254740992", "2^53+2": "9.007199254741e+15", "1e300": "1e+300", "1e-7": "1e-07", "1/3": "0.33333333333333",
		"0/0": "nan", "1/0": "inf", "-1/0": "-inf", "100000.5": "100000.5",
	} {
		v.want(fmt.Sprintf(`msg:change_header("Subject", %s) return msg:header("Subject")`, script), want)
	}
}
