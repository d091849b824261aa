package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"luamilter/luaapi/lint"
)

// All that can be wrong with a script looks the same: place, text, hint; below it the line and a caret.
func TestErrorsLookTheSame(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"an unclosed block", "function mail()\n  if x then\n", `S:2: 'if' opened at line 2 is never closed
    2 |   if x then
      |   ^`},
		{"a syntax error", "x = 1\nif x != 2 then end", `S:2: syntax error near '!'; Lua writes ~= for "not equal" and not for "not"
    2 | if x != 2 then end
      |      ^`},
		{"an error of the compiler", strings.Repeat("local a = 1\n", 201), "S: too many local variables"},
		{"a nil at the file level", "local conf = {}\nlocal n = conf.limits.recipients", `S:2: attempt to index a nil value (field 'limits')
    2 | local n = conf.limits.recipients
      |                       ^`},
		{"a global that is not there", "local s = strin.format('x')", `S:1: attempt to index a nil value (global 'strin'); did you mean string?
    1 | local s = strin.format('x')
      |                 ^`},
		{"a call of nothing", "local function helper() end\n\thelpre()", `S:2: attempt to call a nil value (global 'helpre'); did you mean helper?
    2 |  helpre()
      |  ^`},
		{"a hook's function outside a hook", "local x = log.info('x')", `S:1: log.info works only inside a hook, not while the script is loaded
    1 | local x = log.info('x')
      |               ^`},
		{"raised", "local function check() error('no') end check()", `S:1: no
    1 | local function check() error('no') end check()
      |                        ^`},
		{"raised with a table", "error({})", `S:1: error with a table of 0 values raised in load
    1 | error({})
      | ^`},
		{"raised without a place", "\nerror('no', 0)", `S:2: no
    2 | error('no', 0)
      | ^`},
		{"instructions", "local n = 0\nwhile true do n = n + 1 end", `S:2: stopped after 100,000 instructions
    2 | while true do n = n + 1 end
      | ^`},
		{"a hook that is no function", "mail = 1", `S:1: mail is a number; the hook must be a function (the names of hooks are reserved)
    1 | mail = 1
      | ^`},
		{"a line that another system ended", "local a\rlocal b\ra.x = 1\r", `S:3: attempt to index a nil value (local 'a')
    3 | a.x = 1
      |   ^`},
		{"beside text that is not ASCII", "local s = 'größer' .. t.x\nlocal t", `S:1: attempt to index a nil value (global 't'); local t is declared, but not above this or not around it
    1 | local s = 'größer' .. t.x
      |                         ^`},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := DefaultLimits
			limits.Instructions = 100_000
			path := writeScript(t, "s", c.script)
			p, err := Load([]string{path}, Options{Limits: limits})
			if err == nil {
				p.Close()
				t.Fatal("it loaded")
			}
			var e *ScriptError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			got := strings.ReplaceAll(e.Detail(), path, "S")
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// Lines and texts without bounds, and bytes that are no text, make a short line that does no harm.
func TestErrorsAreShortAndHarmless(t *testing.T) {
	long := strings.Repeat("local a = 1 ", 20_000)
	for name, script := range map[string]string{
		"a line of many bytes, at its end":    "do local a = 1 end " + strings.Repeat("do local a = 1 end ", 15_000) + "x.y = 1",
		"a line of many bytes, at its begin":  "x.y = 1 " + strings.Repeat("do local a = 1 end ", 15_000),
		"a syntax error in a line like it":    "do " + long + " end end",
		"a long text":                         `error(("x"):rep(1000000))`,
		"a long text without a place":         `error(("x"):rep(1000000), 0)`,
		"binary text":                         `local s = {} for i = 0, 255 do s[#s+1] = string.char(i) end error(table.concat(s))`,
		"text cut in a character":             `error(("\226\130\172"):rep(1000))`,
		"commands for a terminal":             `error("\27[2J\27]0;owned\7\r\n\226\128\174abc")`,
		"binary bytes in the line":            "local s = '\x00\x1b[2J\xff\xfe\xe2\x80\xae' .. nothing",
		"a key that is binary":                `local t local x = t["\0\255\27"]`,
		"a key of a megabyte":                 `local t local x = t[("k"):rep(1000000)]`,
		"a global with a name of many bytes":  strings.Repeat("x", 200_000) + ".y = 1",
		"a module with the name of megabytes": "require '" + strings.Repeat("x", 200_000) + "'",
		"a module of a binary name":           `require "\27[2J\255"`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load([]string{writeScript(t, "s", script)}, Options{Limits: DefaultLimits})
			var e *ScriptError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %.300v", err, err)
			}
			var log logLines
			logger := testLog(&log)
			e.Log(logger.Warn())
			line := log.lines()[0]
			for what, text := range map[string]string{"line": e.Error(), "excerpt": strings.ReplaceAll(e.Excerpt(), "\n", ""), "logged": fmt.Sprint(line["message"])} {
				if len(text) > 2000 || !utf8.ValidString(text) || strings.IndexFunc(text, unprintable) >= 0 {
					t.Errorf("%s: %d bytes, %.300q", what, len(text), text)
				}
			}
			if line["level"] == "broken" {
				t.Errorf("the log's line is broken: %.200s", log.String())
			}
			if lines := strings.Split(e.Excerpt(), "\n"); len(lines) == 2 {
				caret := strings.IndexByte(lines[1], '^')
				if caret < 8 || caret > utf8.RuneCountInString(lines[0]) {
					t.Errorf("the caret is off the line:\n%s", e.Excerpt())
				}
			}
		})
	}
}

// A window on a long line follows the column.
func TestExcerptOfALongLine(t *testing.T) {
	line := strings.Repeat("a", 500) + "X" + strings.Repeat("b", 500)
	f := &File{source: []byte(line)}
	f.Lint, _ = lint.Parse("s", nil)
	for column, mark := range map[int]string{1: "a", 501: "X", 1001: "b"} {
		lines := strings.Split((&ScriptError{file: f, Line: 1, Column: column}).Excerpt(), "\n")
		caret := strings.IndexByte(lines[1], '^')
		if len(lines[0]) > 8+maxExcerpt+6 || lines[0][caret:caret+1] != mark {
			t.Errorf("column %d:\n%s", column, strings.Join(lines, "\n"))
		}
	}
}
