package luaapi

import (
	"testing"

	"luamilter/protocol"
)

func TestHeaders(t *testing.T) {
	for _, stage := range []protocol.Stage{protocol.StageEOH, protocol.StageEOM} {
		v := newVM(t, stage)
		for script, want := range map[string]string{
			`#headers`:                         "5",
			`headers[1].name`:                  "Received",
			`headers[1].value`:                 "from a\tby b",
			`headers[1].raw`:                   "Received: from a\n\tby b",
			`headers[2].raw`:                   "Subject:  hello",
			`headers[0]`:                       "nil",
			`headers[6]`:                       "nil",
			`headers[-1]`:                      "nil",
			`headers[1.5]`:                     "nil",
			`headers[1e300]`:                   "nil",
			`headers[0/0]`:                     "nil",
			`headers[true]`:                    "nil",
			`headers:get("SUBJECT")`:           "hello",
			`headers:get("x-a")`:               "one",
			`headers:get("x-a", 2)`:            "two three",
			`headers:get("x-a", -1)`:           "",
			`headers:get("x-a", -3)`:           "one",
			`headers:get("x-a", 4)`:            "nil",
			`headers:get("x-a", -4)`:           "nil",
			`headers:get("nothing")`:           "nil",
			`headers:get("")`:                  "nil",
			`tostring(headers:get("no"))`:      "nil",
			`#headers:all("X-A")`:              "3",
			`headers:all("X-A")[2]`:            "two three",
			`#headers:all("nothing")`:          "0",
			`headers:count()`:                  "5",
			`headers:count(nil)`:               "5",
			`headers:count("x-a")`:             "3",
			`headers:count("")`:                "0",
			`headers:raw("subject")`:           "Subject:  hello",
			`headers:raw("X-A", 2)`:            "x-a: two\n three",
			`headers:raw("nothing")`:           "nil",
			`getmetatable(headers)`:            "headers",
			`type(headers.each)`:               "function",
			`pcall(setmetatable, headers, {})`: "false",
		} {
			v.want("return "+script, want)
		}
		v.want(`local s = "" for i, f in headers:each() do s = s .. i .. f.name .. "=" .. f.value .. ";" end return s`,
			"1Received=from a\tby b;2Subject=hello;3X-A=one;4x-a=two three;5X-A=;")
		v.want(`local s = "" for i, f in headers:each("x-A") do s = s .. i .. f.raw .. ";" end return s`, "3X-A: one;4x-a: two\n three;5X-A: ;")
		v.want(`local s = "" for i in headers:each("nothing") do s = s .. i end return s`, "")
		v.want(`return coroutine.wrap(function() return #headers .. headers:get("Subject") .. headers[3].value end)()`, "5helloone")
	}
}

func TestHeadersErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOH)
	for _, tt := range []struct{ script, want string }{
		{`headers.get("Subject")`, "get is a method: write headers:get(...), with a colon"},
		{`headers.count()`, "count is a method: write headers:count(...), with a colon"},
		{`headers:get()`, "headers:get: the name is nil; a string was expected"},
		{`headers:get({})`, "headers:get: the name is a table; a string was expected"},
		{`headers:get("x", 0)`, "headers:get: there is no field 0; 1 is the first of that name, -1 the last"},
		{`headers:get("x", "1")`, "headers:get: n is a string; a whole number was expected"},
		{`headers:get("x", 1.5)`, "headers:get: n is 1.5; a whole number was expected"},
		{`headers:get("x", 0/0)`, "headers:get: n is nan; a whole number was expected"},
		{`headers:all()`, "headers:all: the name is nil; a string was expected"},
		{`headers:count({})`, "headers:count: the name is a table; a string was expected"},
		{`headers:each(true)`, "headers:each: the name is a boolean; a string was expected"},
		{`return headers.Subject`, `headers has no "Subject"; headers:get("Subject") returns the value of that field`},
		{`return headers["X-A"]`, `headers has no "X-A"; headers:get("X-A") returns the value of that field`},
		{`headers[1] = 5`, "headers is read only; msg:change_header and its kin change them in eom"},
		{`headers.Subject = "x"`, "headers is read only; msg:change_header and its kin change them in eom"},
		{`headers.get(reject, "x")`, "headers:get on headers kept from an earlier hook; use those that eoh is given, or msg.headers in eom"},
	} {
		v.fails(tt.script, tt.want)
		v.fails("coroutine.wrap(function() "+tt.script+" end)()", tt.want)
	}
}

func TestKeptHeaders(t *testing.T) {
	v := newVM(t, protocol.StageEOH)
	if _, err := v.run(`old, nxt = headers, headers:each()`); err != nil {
		t.Fatal(err)
	}
	v.call.Stage, v.call.Headers = protocol.StageBody, nil
	const kept = " on headers kept from an earlier hook; use those that eoh is given, or msg.headers in eom"
	v.fails(`return #old`, "#headers"+kept)
	v.fails(`return old[1]`, "headers[i]"+kept)
	v.call.Headers = protocol.NewHeaderEdit(nil)
	v.fails(`return old:get("x")`, "headers:get"+kept)
	v.fails(`return old:each()`, "headers:each"+kept)
	v.want(`local i, f = nxt() return i .. f.name`, "1Received") // a copy
	v.End()
	v.fails(`return old:count()`, "headers:count works only inside a hook, not while the script is loaded")
}

// TestHeadersShowEdits checks that headers follow msg, and that a loop may delete what it goes over.
func TestHeadersShowEdits(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.want(`for i, f in headers:each("X-A") do msg:delete_header("X-A", 1) end return #headers`, "2")
	v.want(`msg:add_header("New", "x") return headers[3].name .. #msg.headers`, "New3")
	v.want(`msg:insert_header(0, "Top", "y") return headers[1].raw`, "Top: y")
}
