package luaapi

import (
	"strings"
	"testing"

	"luamilter/luaapi/mail"
	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// TestBodyIsLikeAString compares the methods of body with those of the same string.
func TestBodyIsLikeAString(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	if _, err := v.run(`
	function all(...) local s = select("#", ...) .. ":" for i = 1, select("#", ...) do s = s .. tostring((select(i, ...))) .. "|" end return s end
	function each(s, p) local out = "" for a, b in s:gmatch(p) do out = out .. tostring(a) .. "," .. tostring(b) .. ";" end return out end`); err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{
		`all(s:find("line"))`, `all(s:find("line", 8))`, `all(s:find("%d+", 1, true))`, `all(s:find("(l)(i)()"))`, `all(s:find("nothing") or 0)`, `all(s:match("%a+"))`, `all(s:match("(%a+) (%a+)"))`,
		`all(s:match("nothing") or 0)`, `all(s:gsub("line", "LINE"))`, `all(s:gsub("%a", string.upper, 3))`, `all(s:gsub("(%a+)", {first = "1st"}))`, `each(s, "%a+")`, `each(s, "(%a)(%a)")`,
		`all(s:byte())`, `all(s:byte(1, 5))`, `all(s:byte(-1))`, `all(s:byte(1000))`, `all(s:len())`, `all(#s)`, `all(s:lower())`, `all(s:upper())`, `all(s:reverse())`, `all(s:sub(3))`, `all(s:sub(3, -3))`,
		`all(s:sub(-4))`, `all(tostring(s))`, `s .. "x"`, `"x" .. s`, `s .. s`, `s .. 5`, `5.5 .. s`, `"a" .. s .. "b"`, `all(#s:gsub("\r\n", "\n"))`,
	} {
		want, err := v.run(`local s = tostring(msg.body) return ` + call)
		if err != nil {
			t.Fatalf("%s: %v", call, err)
		}
		v.want(`local s = msg.body return `+call, want.String())
		v.want(`local s = msg.body return coroutine.wrap(function() return `+call+` end)()`, want.String())
	}
	v.want(`local s = "" for line in msg.body:lines() do s = s .. line .. "|" end return s`, "first line||last: %d+ line|")
	v.want(`return getmetatable(msg.body)`, "body")
	v.want(`return msg.body.nothing`, "nil")
	v.want(`return msg.body[1]`, "nil")
}

func TestBodyLines(t *testing.T) {
	for body, want := range map[string]string{
		"": "", "a": "a|", "a\r\n": "a|", "a\r\nb": "a|b|", "\r\n\r\n": "||", "a\nb\r\n": "a|b|", "a\rb\r\n": "a\rb|", "\r\r\n": "\r|",
	} {
		v := newVM(t, protocol.StageEOM)
		v.begin(NewMessage(&protocol.HeaderEdit{}, "", nil, collected(body)))
		v.want(`local s = "" for line in msg.body:lines() do s = s .. line .. "|" end return s`, want)
		v.want(`return #msg.body`, string(rune('0'+len(body))))
	}
}

func TestBodyErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for _, tt := range []struct{ script, want string }{
		{`msg.body.find("x")`, "find is a method: write body:find(...), with a colon"},
		{`msg.body.find()`, "find is a method: write body:find(...), with a colon"},
		{`msg.body.lines()`, "lines is a method: write body:lines(...), with a colon"},
		{`msg.body.find(reject, "x")`, "body:find: it was called on a verdict"},
		{`return msg.body .. nil`, "body ..: nil cannot be joined to a body"},
		{`return {} .. msg.body`, "body ..: a table cannot be joined to a body"},
		{`return msg.body .. msg`, "body ..: a msg cannot be joined to a body"},
		{`msg.body.x = 1`, "body is read only; msg:replace_body changes it"},
		{`msg.body:rep(2)`, "attempt to call a non-function object"},
	} {
		v.fails(tt.script, tt.want)
	}
}

// TestBodyIsAsItWas checks that a body that was asked for stays as it is.
func TestBodyIsAsItWas(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.want(`old = msg.body msg:replace_body("new") return tostring(msg.body)`, "new\r\n")
	v.want(`return tostring(old)`, testBody)
	v.begin(NewMessage(&protocol.HeaderEdit{}, "", nil, nil))
	v.want(`return tostring(old)`, testBody)
	v.want(`msg:replace_body(old) return tostring(msg.body)`, testBody)
}

// TestBodyIsNotCopied checks that the string functions work on the body itself, and take it as an argument too.
func TestBodyIsNotCopied(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	m := NewMessage(&protocol.HeaderEdit{}, "", nil, collected(strings.Repeat("a line of text\r\n", 1<<16)))
	v.begin(m)
	for _, script := range []string{`return msg.body:sub(1, -2)`, `return string.sub(msg.body, 1, -2)`, `return msg.body:match("(.*)\n")`, `return (msg.body:gsub("q", "y"))`, `return msg.body:lower()`, `return tostring(msg.body)`} {
		got, err := v.run(script)
		if err != nil || !within(string(m.Body().(mime.Text)), got.String()) {
			t.Errorf("%s: a copy, %v", script, err)
		}
	}
	v.want(`return string.find(msg.body, "text", 1, true) .. #string.format("%s", msg.body)`, "111048576")
}

// collected is a body that came in one piece.
func collected(text string) *mail.Body {
	b := &mail.Body{}
	_ = b.Keep(text) // without a spool it does not fail
	return b
}
