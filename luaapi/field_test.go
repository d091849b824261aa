package luaapi

import (
	"testing"

	"luamilter/protocol"
)

// odd are fields that are not what they look like.
var odd = []protocol.Field{
	{Name: "From", Value: "=?utf-8?q?J=C3=B6rg?= <j@example.com>"},
	{Name: "Subject", Value: "=?utf-8?b?R3LDvMOf?=\n =?utf-8?b?ZQ==?= an alle"},
	{Name: "X-Broken", Value: "=?utf-8?q?=FC?= =?x-unheard-of?q?a?="},
	{Name: "X-Broken", Value: "Gr\xfc\xdfe"},
	{Name: "Date", Value: "Tue, 2 Jan 2024 03:04:05 +0100"},
	{Name: "X-Date", Value: "tomorrow"},
	{Name: "Content-Type", Value: "text/plain;\n charset=utf-8; Name*0*=utf-8''%C3; name*1*=%BC; name=x"},
	{Name: "Content-Disposition", Value: "attachment; filename=a.txt; filename=b.exe"},
	{Name: "To", Value: "a@example.com,\n \"B, C\" <b@example.com>"},
	{Name: "to", Value: "c@example.com, "},
}

func TestDecodedHeaders(t *testing.T) {
	for _, stage := range []protocol.Stage{protocol.StageEOH, protocol.StageEOM} {
		v := newVM(t, stage)
		if stage == protocol.StageEOM {
			v.begin(NewMessage(protocol.NewHeaderEdit(odd), "", nil, nil))
		} else {
			v.call.Headers = protocol.NewHeaderEdit(odd)
		}
		v.set("headers", v.NewHeaders(v.call.Headers))
		for script, want := range map[string]string{
			`headers:decoded("subject")`:              "Grüße an alle",
			`select(2, headers:decoded("subject"))`:   "false",
			`headers:get("Subject")`:                  "=?utf-8?b?R3LDvMOf?= =?utf-8?b?ZQ==?= an alle",
			`headers:decoded("From")`:                 "Jörg <j@example.com>",
			`headers:decoded("X-Broken")`:             "\ufffda",
			`select(2, headers:decoded("X-Broken"))`:  "true",
			`headers:decoded("X-Broken", -1)`:         "Grüße",
			`tostring(headers:decoded("nothing"))`:    "nil",
			`select("#", headers:decoded("nothing"))`: "1",
			`headers[2].decoded`:                      "Grüße an alle",
			`headers[2].broken`:                       "false",
			`headers[4].decoded`:                      "Grüße",
			`headers[4].broken`:                       "true",
			`headers[4].value`:                        "Gr\xfc\xdfe",
			`#headers:addresses("To")`:                "3",
			`headers:addresses("to")[2].name`:         "B, C",
			`headers:addresses("to")[3].address`:      "c@example.com",
			`headers:addresses("to")[3].field`:        "10",
			`headers:addresses("From")[1].name`:       "Jörg",
			`headers:addresses("To", 2)[1].address`:   "c@example.com",
			`#headers:addresses("To", 3)`:             "0",
			`#headers:addresses("nothing")`:           "0",
			`#headers:addresses("From").problems`:     "0",
			`(function() local a = headers:addresses("To")[2] return headers[a.field].value:sub(a.first, a.last) end)()`: `"B, C" <b@example.com>`,
			`headers:date()`:                                        "1704161045",
			`headers:date("date", 1)`:                               "1704161045",
			`headers:date(nil, -1)`:                                 "1704161045",
			`os.date("!%Y-%m-%d", headers:date())`:                  "2024-01-02",
			`tostring(headers:date("X-Date"))`:                      "nil",
			`select(2, headers:date("X-Date"))`:                     "the date has no day",
			`select(2, headers:date("X-None"))`:                     "there is no field X-None",
			`headers:params("Content-Type")`:                        "text/plain",
			`select(2, headers:params("Content-Type")).charset`:     "utf-8",
			`select(2, headers:params("Content-Type")).name`:        "ü",
			`select(2, headers:params("Content-Type"))[2].name`:     "name",
			`select(2, headers:params("Content-Type"))[2].value`:    "ü",
			`#select(2, headers:params("Content-Type"))`:            "2",
			`#select(3, headers:params("Content-Type"))`:            "0",
			`select(2, headers:params("Content-Disposition")).none`: "nil",
			`select(2, headers:params("Content-Disposition")).filename .. select(2, headers:params("Content-Disposition"))[2].value`: "a.txtb.exe",
			`select(3, headers:params("Content-Disposition"))[1]`:                                                                    "parameter filename is there more than once",
			`tostring(headers:params("nothing"))`:                                                                                    "nil",
		} {
			v.want("return "+script, want)
		}
	}
}

func TestField(t *testing.T) {
	for _, stage := range []protocol.Stage{protocol.StageEOH, protocol.StageEOM} {
		v := newVM(t, stage)
		for script, want := range map[string]string{
			`type(headers[1])`:                       "userdata",
			`getmetatable(headers[1])`:               "field",
			`tostring(headers[4])`:                   "x-a: two\n three",
			`headers[4].name .. headers[4].value`:    "x-atwo three",
			`headers[1] == headers[1]`:               "true",
			`headers[1] == headers[2]`:               "false",
			`type(headers[1].change)`:                "function",
			`pcall(setmetatable, headers[1], {})`:    "false",
			`select(2, headers:each("x-a")()).value`: "one",
		} {
			v.want("return "+script, want)
		}
	}
}

// TestFieldEdits: a field is changed and deleted where it is by then, whatever was edited before.
func TestFieldEdits(t *testing.T) {
	for _, tt := range []struct{ name, script, result, changes string }{
		{"change", `return headers[4]:change("new")`, "true", "CHGHEADER 2 x-a: new"},
		{"change, encoded", `return headers[4]:change("\195\182")`, "true", "CHGHEADER 2 x-a: =?utf-8?b?w7Y=?="},
		{"change, then read", `local f = headers[4] f:change("new") return f.value .. f.raw`, "newx-a: new", "CHGHEADER 2 x-a: new"},
		{"delete", `return headers[4]:delete()`, "true", "CHGHEADER 2 x-a:"},
		{"delete twice", `local f = headers[4] f:delete() return f:delete()`, "false", "CHGHEADER 2 x-a:"},
		{"change a deleted one", `local f = headers[4] f:delete() return f:change("x")`, "false", "CHGHEADER 2 x-a:"},
		{"change one that was deleted otherwise", `local f = headers[4] msg:delete_header("X-A") return tostring(f:change("x")) .. f.value`, "falsetwo three", "CHGHEADER 3 X-A:\nCHGHEADER 2 x-a:\nCHGHEADER 1 X-A:"},
		{"after an insertion above", `local f = headers[4] msg:insert_header(0, "X-A", "top") msg:insert_header(1, "X-A", "x") f:change("new") return f.value`, "new",
			"CHGHEADER 2 x-a: new\nINSHEADER 1 X-A: x\nINSHEADER 0 X-A: top"},
		{"after a deletion above", `local f = headers[4] msg:delete_header("X-A", 1) return f:delete()`, "true", "CHGHEADER 2 x-a:\nCHGHEADER 1 X-A:"},
		{"one that was added", `msg:add_header("X-N", "a") local f = headers[6] msg:prepend_header("X-N", "b") f:change("c")`, "nil", "INSHEADER 0 X-N: b\nADDHEADER X-N: c"},
		{"one that was added and is deleted", `msg:add_header("X-N", "a") headers[6]:delete()`, "nil", ""},
		{"all in a loop", `for _, f in headers:each("x-a") do f:delete() end return #headers`, "2", "CHGHEADER 3 X-A:\nCHGHEADER 2 x-a:\nCHGHEADER 1 X-A:"},
		{"a loop shows edits", `local s = "" for i, f in headers:each("x-a") do msg:change_header("x-a", "last", -1) s = s .. f.value .. i end return s`, "one3two three4last5", "CHGHEADER 3 X-A: last"},
		{"in delete_header's function", `return msg:delete_header(function(f) f:change("seen") return f.name == "Subject" end)`, "true",
			"CHGHEADER 1 Received: seen\nCHGHEADER 1 X-A: seen\nCHGHEADER 2 x-a: seen\nCHGHEADER 3 X-A: seen\nCHGHEADER 1 Subject:"},
		{"edits in delete_header's function", `msg:delete_header(function(f) msg:prepend_header("X", "y") return f.name == "Subject" end) return #headers`, "9",
			"CHGHEADER 1 Subject:\nINSHEADER 0 X: y\nINSHEADER 0 X: y\nINSHEADER 0 X: y\nINSHEADER 0 X: y\nINSHEADER 0 X: y"},
		{"an error in delete_header's function deletes nothing", `return pcall(msg.delete_header, msg, function(f) if f.name == "X-A" then error("no") end return true end)`, "false", ""},
		{"raw bytes", `headers[2]:change(raw("\195\182"))`, "nil", "CHGHEADER 1 Subject: ö"},
		{"a number", `headers[2]:change(7)`, "nil", "CHGHEADER 1 Subject: 7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newVM(t, protocol.StageEOM)
			v.want(tt.script, tt.result)
			if got := v.changes(); got != tt.changes {
				t.Errorf("%s\n got %q\nwant %q", tt.script, got, tt.changes)
			}
		})
	}
}

func TestFieldErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for _, tt := range []struct{ script, want string }{
		{`headers[1]:change()`, "field:change: the value of Received is nil; a string, a number or raw(bytes) was expected"},
		{`headers[1]:change("a\nb")`, "field:change: Received: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{`headers[1].change("x")`, "change is a method: write field:change(...), with a colon"},
		{`headers[1].delete(msg)`, "field:delete: it was called on a msg"},
		{`headers[1].value = "x"`, "field is read only; field:change(value) changes it in eom"},
		{`return headers[1].text`, `field has no "text"; it has name, value, decoded, broken, raw, change and delete`},
		{`return headers[1][1]`, `field has no [a number]; it has name, value, decoded, broken, raw, change and delete`},
		{`headers:decoded()`, "headers:decoded: the name is nil; a string was expected"},
		{`headers:decoded("x", 0)`, "headers:decoded: there is no field 0; 1 is the first of that name, -1 the last"},
		{`headers:raw({})`, "headers:raw: the name is a table; a string was expected"},
		{`headers:params()`, "headers:params: the name is nil; a string was expected"},
		{`headers:addresses()`, "headers:addresses: the name is nil; a string was expected"},
		{`headers:addresses("To", 0)`, "headers:addresses: there is no field 0; 1 is the first of that name, -1 the last"},
		{`headers:date(true)`, "headers:date: the name is a boolean; a string was expected"},
	} {
		v.fails(tt.script, tt.want)
		if got := v.changes(); got != "" {
			t.Fatalf("%s changed %q", tt.script, got)
		}
	}
}

// TestKeptField: a field is of the hook that got it. Later it shows what it was, and changes nothing.
func TestKeptField(t *testing.T) {
	v := newVM(t, protocol.StageEOH)
	if _, err := v.run(`old = headers[2]`); err != nil {
		t.Fatal(err)
	}
	v.fails(`old:change("x")`, "field:change works only in eom, not in eoh")
	v.fails(`old:delete()`, "field:delete works only in eom, not in eoh")
	header := v.call.Headers
	m := NewMessage(header, "", nil, nil)
	v.call.Stage = protocol.StageEOM
	v.begin(m)
	m.Header.Change(1, "edited")
	v.want(`return old.value`, "hello")
	v.fails(`old:change("x")`, "field:change on a field kept from an earlier hook; use those of msg.headers")
	v.begin(testMessage())
	v.fails(`old:delete()`, "field:delete on a field kept from an earlier hook; use those of msg.headers")
	v.want(`return tostring(old == old) .. tostring(old == msg.headers[2])`, "truefalse")
	v.End()
	v.want(`return old.name`, "Subject")
	v.fails(`old:delete()`, "field:delete works only inside a hook, not while the script is loaded")
}
