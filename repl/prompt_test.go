package repl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/engine"
)

const message = "From: a@example.org\nTo: b@example.net, c@example.net\nSubject: hello\nX-Hostile: \x1b[31mred\n\none\ntwo\n"

// conversation types lines at the end of a message and returns what is shown.
func conversation(t *testing.T, script, lines string) (shown string, failed bool, err error) {
	t.Helper()
	var scripts []string
	if script != "" {
		scripts = []string{filepath.Join(t.TempDir(), "filter.lua")}
		if err := os.WriteFile(scripts[0], []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	limits := engine.DefaultLimits
	limits.Instructions = 100_000
	var out strings.Builder
	p := &Prompt{Lines: NewPiped(strings.NewReader(lines)), Out: &out}
	failed, err = p.Run(scripts, engine.Options{Limits: limits}, []byte(message))
	return out.String(), failed, err
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, typed, want string }{
		{"a number", "1 + 1", "2"},
		{"a text", `"a\tb"`, `"a\tb"`},
		{"nothing that commands the terminal", `msg:header("X-Hostile")`, `"\x1b[31mred"`},
		{"several values", `1, nil, "x"`, "1\nnil\n\"x\""},
		{"a statement has none", "x = 1", ""},
		{"a call of no value", `msg:add_header("X-A", "b")`, ""},
		{"a table, and what is in it only counted", "{ 1, { 2, 3 }, {}, { a = 1 }, b = { 1 }, ['c d'] = 2 }", `{1, {... 2}, {}, {...}, ["c d"] = 2, b = {... 1}}`},
		{"a long table has a line for each", `{ ("x"):rep(60), ("y"):rep(60) }`, "{\n  \"" + strings.Repeat("x", 60) + "\",\n  \"" + strings.Repeat("y", 60) + "\"\n}"},
		{"a longer one is cut", `(function() local t = {} for i = 1, 60 do t[i] = i end return #t, t end)()`, "60\n{\n  1,\n"},
		{"a table that contains itself", "t = {} t.t = t\nt", "{t = {...}}"},
		{"a long text is cut", `("x"):rep(5000)`, `"` + strings.Repeat("x", maxText) + `"... (5000 bytes)`},
		{"facts", "conn.ip, conn.stage", "\"192.0.2.1\"\n\"eom\""},
		{"the message", "msg.recipients", `{"b@example.net", "c@example.net"}`},
		{"objects", "msg\nmsg.headers\nmsg.body", "msg\nheaders of 4\n\"one\\r\\ntwo\\r\\n\""},
		{"variables without local stay", "x = 5\nx + 1", "6"},
		{"functions too, over several lines", "function f(n)\n  return 2 * n\nend\nf(4)", "8"},
		{"an expression over several lines", "1 +\n2", "3"},
		{"modules", `require("time").now() > 0`, "true"},
		{"print", `print("seen", 1)`, "INF seen    1"},
	} {
		shown, failed, err := conversation(t, "", c.typed)
		if err != nil || failed || !strings.HasPrefix(shown, c.want) || c.want == "" && shown != "" {
			t.Errorf("%s: %v, failed %v\n%s\nnot\n%s", c.name, err, failed, shown, c.want)
		}
	}
}

// After an error the next line works.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, typed, want string }{
		{"its line", "local q\nlocal q = nil; q.x = 1", "error: input 2:1: attempt to index a nil value (local 'q')\n    1 | local q = nil; q.x = 1\n"},
		{"no Lua", "x = = 1", "error: input 1:1: syntax error near '='"},
		{"raised by the API", `msg:add_header("X A", "b")`, "error: input 1:1: "},
		{"an endless loop", "while true do end", "stopped after 100,000 instructions"},
		{"that nothing catches", "while true do pcall(function() while true do end end) end", "stopped after 100,000 instructions"},
		{"too much memory", `("x"):rep(1e9)`, "longer than the"},
		{"no way out of the sandbox", "io.open('/etc/passwd')", "attempt to index a nil value (global 'io')"},
		{"no such command", ":chnges", "there is no :chnges; did you mean :changes"},
		{"no such name", ":help msg:ad_header", "add_header"},
		{"the end in the middle", "f(", "the last line must go on: f("},
	} {
		shown, failed, err := conversation(t, "", c.typed+"\n")
		if err != nil || !failed || !strings.Contains(shown, c.want) {
			t.Errorf("%s: %v, failed %v\n%s\nhas not\n%s", c.name, err, failed, shown, c.want)
		}
		if strings.HasSuffix(c.typed, "(") {
			continue
		}
		if shown, _, _ := conversation(t, "", c.typed+"\n'still here'\n"); !strings.HasSuffix(shown, "\"still here\"\n") {
			t.Errorf("%s: there is no next line\n%s", c.name, shown)
		}
	}
}

func TestCommands(t *testing.T) {
	shown, failed, err := conversation(t, "", `:changes
msg:add_header("X-A", "b")
msg:delete_recipient("c@example.net")
msg:replace_body("three\r\n")
:changes
:help msg:add_header
:help
:quit
msg:add_header("X-B", "c")
`)
	for _, want := range []string{"nothing is changed\n", "add X-A: b\n", "delete recipient", "body of 7 bytes", "### `msg:add_header(name, value)`", "  :changes   what has been changed"} {
		if err != nil || failed || !strings.Contains(shown, want) {
			t.Errorf("%v, failed %v: no %q in\n%s", err, failed, want, shown)
		}
	}
}

// What a script before it changes is there, and its globals are not.
func TestBehindAScript(t *testing.T) {
	script := "mine = 1\nfunction eom(conn, msg) conn.seen = 1 msg:add_header('X-Mine', 'yes') end\n"
	shown, failed, err := conversation(t, script, "msg:header('X-Mine')\n:changes\nmine\nconn.seen\n")
	if want := "\"yes\"\nadd X-Mine: yes\nnil\nnil\n"; err != nil || failed || shown != want {
		t.Errorf("%v, failed %v\n%s\nnot\n%s", err, failed, shown, want)
	}
}

// A script that stops the message leaves nothing to ask about, and the error says which line.
func TestStopped(t *testing.T) {
	script := "function mail(conn)\n  return reject('5.7.1', 'not you')\nend\n"
	_, _, err := conversation(t, script, "1\n")
	if want := "stopped the message at mail: reject 550 not you ("; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "filter.lua:2)") {
		t.Error(err)
	}
}

// An error in it shows, and the message goes on.
func TestErrorInAScript(t *testing.T) {
	shown, _, err := conversation(t, "function eom(conn, msg)\n  local x; x.y = 1\nend\n", "'still here'\n")
	for _, want := range []string{"filter.lua:2: attempt to index a nil value", "\n    2 |   local x; x.y = 1\n", "\"still here\"\n"} {
		if err != nil || !strings.Contains(shown, want) {
			t.Errorf("%v: no %q in\n%s", err, want, shown)
		}
	}
}
