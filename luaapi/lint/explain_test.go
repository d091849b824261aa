package lint

import (
	"fmt"
	"strings"
	"testing"
)

// What errors say, in terms of the line that raised them. The mark ^ stands before the column.
func TestExplain(t *testing.T) {
	const index, call = "attempt to index a non-table object(nil) with key '%s'", "attempt to call a non-function object"
	key := func(k string) string { return fmt.Sprintf(index, k) }
	for _, c := range []struct{ name, line, text, want string }{
		{"a field", `function mail(conn) return conn.domian.^lower end`, key("lower"), "attempt to index a nil value (field 'domian')"},
		{"a field that is set under nearly that name", `function mail(conn) conn.domain = "x" return conn.domian:^lower() end`, key("lower"), "attempt to index a nil value (field 'domian'); did you mean domain?"},
		{"a fact, nearly", `function mail(conn) return conn.sendr:^lower() end`, key("lower"), "attempt to index a nil value (field 'sendr'); did you mean sender?"},
		{"a local", `local a; return a.^b`, key("b"), "attempt to index a nil value (local 'a')"},
		{"an upvalue", `local a; function mail() return a.^b end`, key("b"), "attempt to index a nil value (upvalue 'a')"},
		{"a global that nobody sets", `function mail() return strin.^format("x") end`, key("format"), "attempt to index a nil value (global 'strin'); did you mean string?"},
		{"a module that is no global", `function mail() return dns.^txt("x") end`, key("txt"), `attempt to index a nil value (global 'dns'); write local dns = require "dns" first`},
		{"what scripts lack", `function mail() io.^open("x") end`, key("open"), "attempt to index a nil value (global 'io'); io is not available to scripts"},
		{"an assignment", `local t; t.^x = 1`, key("x"), "attempt to index a nil value (local 't')"},
		{"one of two", `function mail(c) return c.a.^x + c.b.x end`, key("x"), "attempt to index a nil value (with key 'x')"},
		{"the same twice", `function mail(c) return c.a.^x + c.a.x end`, key("x"), "attempt to index a nil value (field 'a')"},
		{"not the one that is a table", `local t = {} ; function mail(c) return t.x, c.b.^x end`, key("x"), "attempt to index a nil value (field 'b')"},
		{"the result of a call", `function mail(c) return c:get().^x end`, key("x"), "attempt to index a nil value (with key 'x')"},
		{"a number as key", `function mail(c) return c.list[^1] end`, key("1"), "attempt to index a nil value (field 'list')"},
		{"a key that is computed", `function mail(c, k) return c.^list[k] end`, key("zz"), "attempt to index a nil value (field 'list')"},
		{"a key in brackets", `function mail(c) return c.list[^"a b"] end`, key("a b"), "attempt to index a nil value (field 'list')"},
		{"no nil", `function mail(c) return reject.^x end`, "attempt to index a non-table object(userdata) with key 'x'", "attempt to index a userdata value (global 'reject')"},
		{"in Lua's words already", `function mail(c) return c.list.x end`, "attempt to index a nil value", "attempt to index a nil value"},

		{"a call of a global that nobody sets", `function mail() ^foo(1) end`, call, "attempt to call a nil value (global 'foo')"},
		{"a call of a global, nearly", `function helper() end function mail() ^helpr(1) end`, call, "attempt to call a nil value (global 'helpr'); did you mean helper?"},
		{"a call of a field", `function mail(c) c.^check(1) end`, call, "attempt to call a value that is no function (field 'check')"},
		{"a call of what a library lacks", `function mail(c) return string.^lowr("x") end`, call, "attempt to call a nil value (field 'lowr'); did you mean string.lower?"},
		{"a method of a string, nearly", `function mail(c, s) return s:^lowr() end`, call, "attempt to call a value that is no function (method 'lowr'); did you mean lower?"},
		{"a method of msg, nearly", `function eom(c, msg) msg:^add_haeder("A", "b") end`, call, "attempt to call a nil value (method 'add_haeder'); did you mean add_header?"},
		{"a call among good ones", `function mail(c) tostring(^foo(type(c))) end`, call, "attempt to call a nil value (global 'foo')"},
		{"one of two calls", `function mail(c) c.a(c.b()) end`, call, "attempt to call a value that is no function"},
		{"a call with a kind", `local n = 1; function mail(c) ^n() end`, "attempt to call a number value", "attempt to call a number value (upvalue 'n')"},
		{"a loop without pairs", `function mail(c) for k, v ^in c.list do end end`, call, "attempt to call a value that is no function (field 'list'); for ... in takes pairs(t) or ipairs(t)"},

		{"a sum", `function mail(c) return c.^count + 1 end`, "cannot perform add operation between nil and number", "attempt to perform arithmetic on a nil value (field 'count')"},
		{"a sum, the right one", `function mail(c) return 1 + c.^count end`, "cannot perform add operation between number and nil", "attempt to perform arithmetic on a nil value (field 'count')"},
		{"a product among sums", `function mail(c) return c.a + c.^b * 2 end`, "cannot perform mul operation between nil and number", "attempt to perform arithmetic on a nil value (field 'b')"},
		{"a sum of sums", `function mail(c) return c.^a + c.b + 1 end`, "cannot perform add operation between nil and number", "attempt to perform arithmetic on a nil value (field 'a')"},
		{"a string that is no number", `function mail(c, s) return ^s + 1 end`, "cannot perform add operation between string and number", "attempt to perform arithmetic on a string value (local 's')"},
		{"in Lua's words", `function mail(c) return c.^count + 1 end`, "attempt to perform arithmetic on a nil value", "attempt to perform arithmetic on a nil value (field 'count')"},
		{"a negation", `function mail(c) return -c.^count end`, "__unm undefined", "attempt to perform arithmetic on a value that is no number (field 'count')"},
		{"a join", `function mail(c) return "x" .. c.^ip .. "y" end`, "cannot perform concat operation between nil and string", "attempt to concatenate a nil value (field 'ip')"},
		{"a join, the right one", `function mail(c) return "x" .. c.^ip end`, "cannot perform concat operation between string and nil", "attempt to concatenate a nil value (field 'ip')"},
		{"a join of several", `function mail(c) return c.a .. c.b end`, "cannot perform concat operation between nil and nil", "attempt to concatenate a nil value"},
		{"an order", `function mail(c) return c.^score > 5 end`, "attempt to compare number with nil", "attempt to compare number with nil (field 'score')"},
		{"an order of the same", `function mail(c) return c < c end`, "attempt to compare table with table", "attempt to compare two table values"},
		{"an order of others", `function mail(c, s) return s < 1 end`, "attempt to compare string with number", "attempt to compare string with number"},
		{"a length", `function mail(c) return #c.^list end`, "__len undefined", "attempt to get the length of a value that has none (field 'list')"},
		{"a length, in Lua's words", `function mail(c) return #c.^list end`, "attempt to get length of a nil value", "attempt to get length of a nil value (field 'list')"},

		{"a forgotten local", `function mail() ^typo = 1 end`, `assignment to the undeclared global "typo" (did you forget local?)`, `assignment to the undeclared global "typo" (did you forget local?)`},
		{"a dot for a colon", `function mail(c, s) return s.^lower() end`, "bad argument #1 to 'lower' (string expected, got no value)", "bad argument #1 to 'lower' (string expected, got no value); write s:lower(...), with a colon"},
		{"a colon for a dot", `function mail(c, s) return string:^lower(s) end`, "bad argument #1 to 'lower' (string expected, got table)", "bad argument #1 to 'lower' (string expected, got table); write string.lower(...), with a dot"},
		{"a dot that is right", `function mail(c, s) return string.^lower() end`, "bad argument #1 to 'lower' (string expected, got no value)", "bad argument #1 to 'lower' (string expected, got no value)"},
		{"an action", `function eom(c, msg) local x = msg:^add_header("X") end`, "add_header: the value of X is nil", "add_header: the value of X is nil"},
		{"a function of a library", `function mail(c) local log = log.^info() end`, "log.info: there is no text", "log.info: there is no text"},
		{"a wrong verdict", `function ^mail() return 1 end`, "mail returned a number", "mail returned a number"},
		{"raised", `function mail() if x then ^error("mail is bad") end end`, "mail is bad", "mail is bad"},
		{"anything", `function mail() while true do end end`, "stopped after 50,000,000 instructions", "stopped after 50,000,000 instructions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			column := strings.Index(c.line, "^") + 1
			s := mustParse(t, "x.lua", "\n"+strings.Replace(c.line, "^", "", 1)+"\n")
			e := s.Explain(2, c.text, testAPI())
			got := e.Text
			if e.Hint != "" {
				got += "; " + e.Hint
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if e.Column != column {
				t.Errorf("column %d, want %d", e.Column, column)
			}
		})
	}
}

// Whatever the text, whatever the line.
func TestExplainOddities(t *testing.T) {
	s := mustParse(t, "x.lua", "local x = 1\n\nreturn x")
	for _, text := range []string{"", "\x00\xff", "attempt to index a non-table object(nil) with key ''", "attempt to call a non-function object", "(", "a.b.c: x", strings.Repeat("a.", 10000) + "b: "} {
		for line := -1; line < 6; line++ {
			if e := s.Explain(line, text, API{}); e.Column < 0 {
				t.Errorf("%q at %d: %+v", text, line, e)
			}
		}
	}
}
