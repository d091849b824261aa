package luaapi

import (
	"errors"
	"io"
	"strings"
	"testing"

	"luamilter/protocol"
)

// changes shows what the edits so far amount to.
func (v *vm) changes() string {
	var out []string
	for _, c := range v.call.Message.Changes(protocol.Postfix) {
		line := c.Response.String()
		if c.Response == protocol.RespInsHeader || c.Response == protocol.RespChgHeader {
			line += " " + string(rune('0'+c.Index))
		}
		if c.Name != "" {
			line += " " + c.Name + ":"
		}
		s := c.Value
		if c.From != nil {
			body, err := io.ReadAll(c.From)
			if err != nil {
				s = err.Error()
			}
			s += string(body)
		}
		if s != "" {
			line += " " + s
		}
		if c.Params != "" {
			line += " " + c.Params
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestActions(t *testing.T) {
	for _, tt := range []struct{ script, result, changes string }{
		{`msg:add_header("X-N", "v")`, "nil", "ADDHEADER X-N: v"},
		{`msg:add_header("X-N", 3)`, "nil", "ADDHEADER X-N: 3"},
		{`msg:add_header("X-N", 0.1 + 0.2)`, "nil", "ADDHEADER X-N: 0.3"},
		{`msg:add_header("X-N", 2^53)`, "nil", "ADDHEADER X-N: 9007199254740992"},
		{`msg:add_header("X-N", 1e100)`, "nil", "ADDHEADER X-N: 1e+100"},
		{`msg:add_header("X-N", -1/0)`, "nil", "ADDHEADER X-N: -inf"},
		{`msg:add_header("X-N", "")`, "nil", "ADDHEADER X-N:"},
		{`msg:add_header("X-N", "a\r\n b")`, "nil", "ADDHEADER X-N: a\n b"},
		{`msg:add_header("X-N", "Gr\195\188\195\159e")`, "nil", "ADDHEADER X-N: =?utf-8?b?R3LDvMOfZQ==?="},
		{`msg:add_header("X-N", raw("Gr\195\188\195\159e"))`, "nil", "ADDHEADER X-N: Grüße"},
		{`msg:insert_header(0, "X-N", "v")`, "nil", "INSHEADER 0 X-N: v"},
		{`msg:insert_header(1, "X-N", "v")`, "nil", "INSHEADER 1 X-N: v"},
		{`msg:insert_header(99, "X-N", "v")`, "nil", "ADDHEADER X-N: v"},
		{`msg:change_header("x-a", "v")`, "true", "CHGHEADER 1 X-A: v"},
		{`msg:change_header("X-A", "v", 2)`, "true", "CHGHEADER 2 x-a: v"},
		{`msg:change_header("X-A", "v", -1)`, "true", "CHGHEADER 3 X-A: v"},
		{`msg:change_header("X-A", "v", 4)`, "false", "ADDHEADER X-A: v"},
		{`msg:change_header("X-N", "v")`, "false", "ADDHEADER X-N: v"},
		{`msg:delete_header("x-a")`, "true", "CHGHEADER 3 X-A:\nCHGHEADER 2 x-a:\nCHGHEADER 1 X-A:"},
		{`msg:delete_header("X-A", 2)`, "true", "CHGHEADER 2 x-a:"},
		{`msg:delete_header("X-A", -1)`, "true", "CHGHEADER 3 X-A:"},
		{`msg:delete_header("X-A", 4)`, "false", ""},
		{`msg:delete_header("nothing")`, "false", ""},
		{`msg:delete_header("no name")`, "false", ""},
		{`msg:delete_header({"x-a", "Subject", "nothing"})`, "true", "CHGHEADER 3 X-A:\nCHGHEADER 2 x-a:\nCHGHEADER 1 X-A:\nCHGHEADER 1 Subject:"},
		{`msg:delete_header({"nothing"})`, "false", ""},
		{`msg:delete_header({})`, "false", ""},
		{`msg:delete_header(function(f) return f.value:find("r") end)`, "true", "CHGHEADER 2 x-a:\nCHGHEADER 1 Received:"},
		{`msg:delete_header(function(f) return false end)`, "false", ""},
		{`msg:prepend_header("X-N", "v")`, "nil", "INSHEADER 0 X-N: v"},
		{`msg:prepend_header("X-N", "\195\182")`, "nil", "INSHEADER 0 X-N: =?utf-8?b?w7Y=?="},
		{`msg:set_header("x-a", "v")`, "true", "CHGHEADER 1 X-A: v\nCHGHEADER 3 X-A:\nCHGHEADER 2 x-a:"},
		{`msg:set_header("X-N", 3)`, "false", "ADDHEADER X-N: 3"},
		{`msg:set_header("Subject", "hello")`, "true", ""},
		{`msg:prefix_subject("[SPAM]")`, "true", "CHGHEADER 1 Subject: [SPAM] hello"},
		{`msg:prefix_subject("M\195\188ll:")`, "true", "CHGHEADER 1 Subject: =?utf-8?b?TcO8bGw6?= hello"},
		{`msg:prefix_subject("hel")`, "false", ""},
		{`msg:change_sender("new@example.com")`, "nil", "CHGFROM <new@example.com>"},
		{`msg:change_sender("")`, "nil", "CHGFROM <>"},
		{`msg:change_sender("<>", "RET=HDRS")`, "nil", "CHGFROM <> RET=HDRS"},
		{`msg:change_sender("<a@b>", {"RET=HDRS", "ENVID=x"})`, "nil", "CHGFROM <a@b> RET=HDRS ENVID=x"},
		{`msg:change_sender("a@b", {RET = "HDRS", ENVID = 5, SMTPUTF8 = true, BODY = false})`, "nil", "CHGFROM <a@b> ENVID=5 RET=HDRS SMTPUTF8"},
		{`msg:change_sender("a@b", {"ret=FULL", RET = "FULL", ENVID = "x"})`, "nil", "CHGFROM <a@b> ret=FULL ENVID=x"},
		{`msg:change_sender("a@b", {})`, "nil", "CHGFROM <a@b>"},
		{`msg:change_sender(msg.sender)`, "nil", ""},
		{`msg:add_recipient("three@example.com")`, "true", "ADDRCPT <three@example.com>"},
		{`msg:add_recipient("one@EXAMPLE.com")`, "false", ""},
		{`msg:add_recipient("three@example.com", "NOTIFY=NEVER")`, "true", "ADDRCPT_PAR <three@example.com> NOTIFY=NEVER"},
		{`msg:delete_recipient("one@example.com")`, "true", "DELRCPT <one@example.com>"},
		{`msg:delete_recipient("none@example.com")`, "false", ""},
		{`msg:replace_body("a\nb")`, "nil", "REPLBODY a\r\nb\r\n"},
		{`msg:replace_body({"a", "\n", 5})`, "nil", "REPLBODY a\r\n5\r\n"},
		{`msg:replace_body({})`, "nil", "REPLBODY"},
		{`msg:replace_body(5)`, "nil", "REPLBODY 5\r\n"},
		{`msg:replace_body({msg.body, "more"})`, "nil", "REPLBODY " + testBody + "more\r\n"},
		{`msg:replace_body(msg.body:gsub("line", "row"))`, "nil", "REPLBODY " + strings.ReplaceAll(testBody, "line", "row")},
		{`msg:quarantine("virus")`, "nil", "QUARANTINE virus"},
		{`msg:progress()`, "nil", ""},
		{`msg:header("subject")`, "hello", ""},
		{`msg:header("X-A", -2)`, "two three", ""},
		{`msg:header("nothing")`, "nil", ""},
		{`msg.sender`, "sender@example.com", ""},
		{`table.concat(msg.recipients, " ")`, "one@example.com two@example.com", ""},
		{`getmetatable(msg)`, "msg", ""},
		{`pcall(setmetatable, msg, {})`, "false", ""},
		{`type(msg.add_header)`, "function", ""},
	} {
		for _, form := range []string{"return %", "return coroutine.wrap(function() return (%) end)()", "return select(2, pcall(function() return (%) end))"} {
			v := newVM(t, protocol.StageEOM)
			v.want(strings.Replace(form, "%", tt.script, 1), tt.result)
			if got := v.changes(); got != tt.changes {
				t.Errorf("%s\n got %q\nwant %q", tt.script, got, tt.changes)
			}
			if want := strings.Count(tt.script, "progress"); v.host.progress != want {
				t.Errorf("%s: %d signs of progress", tt.script, v.host.progress)
			}
		}
	}
}

func TestReadingShowsEdits(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`msg:change_header("Subject", "new") return msg:header("Subject")`:                              "new",
		`msg:change_sender("new@example.com") return msg.sender`:                                        "new@example.com",
		`msg:add_recipient("three@example.com") return msg.recipients[3]`:                               "three@example.com",
		`msg:delete_recipient("one@example.com") return msg.recipients[1]`:                              "two@example.com",
		`msg:replace_body("x") return #msg.body`:                                                        "3",
		`local r = msg.recipients r[1] = "x" return msg.recipients[1] ~= "x"`:                           "true",
		`msg:add_header("X-U", "\195\182") return msg:header("X-U")`:                                    "=?utf-8?b?w7Y=?=",
		`msg:delete_header("X-A") return #msg.headers:all("X-A")`:                                       "0",
		`msg:add_header("X-Long", ("word "):rep(300)) return #msg:header("X-Long")`:                     "1500",
		`for _, r in ipairs(msg.recipients) do msg:delete_recipient(r) end return #msg.recipients`:      "0",
		`msg:replace_body(tostring(msg.body) .. "-- \n") return msg.body:find("-- \r\n", 1, true) ~= 1`: "true",
	} {
		v.begin(testMessage())
		v.want(script, want)
	}
	v.begin(testMessage())
	v.call.Message.UTF8 = true
	v.want(`msg:add_header("X-U", "\195\182") return msg:header("X-U")`, "ö")
}

func TestActionErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	const value = "; a string, a number or raw(bytes) was expected"
	const address = " is not an address; user@example.com is the form, one address at a time"
	for _, tt := range []struct{ script, want string }{
		{`msg:add_header()`, "add_header: the header name is nil; a string was expected"},
		{`msg:add_header({}, "v")`, "add_header: the header name is a table; a string was expected"},
		{`msg:add_header("", "v")`, "add_header: header name is empty"},
		{`msg:add_header("X A", "v")`, `add_header: header name "X A" contains ' '; printable ASCII without blank and colon is allowed`},
		{`msg:add_header("X-A:", "v")`, `add_header: header name "X-A:" contains ':'; printable ASCII without blank and colon is allowed`},
		{`msg:add_header("X\nY", "v")`, `add_header: header name "X\nY" contains '\n'; printable ASCII without blank and colon is allowed`},
		{`msg:add_header(("X"):rep(101), "v")`, "add_header: header name of 101 bytes, at most 100 work"},
		{`msg:add_header("X-N")`, "add_header: the value of X-N is nil" + value},
		{`msg:add_header("X-N", true)`, "add_header: the value of X-N is a boolean" + value},
		{`msg:add_header("X-N", {})`, "add_header: the value of X-N is a table" + value},
		{`msg:add_header("X-N", print)`, "add_header: the value of X-N is a function" + value},
		{`msg:add_header("X-N", msg.body)`, "add_header: the value of X-N is a body" + value},
		{`msg:add_header("X-N", reject)`, "add_header: the value of X-N is a verdict" + value},
		{`msg:add_header("X-N", "a\000")`, "add_header: X-N: header value contains a NUL"},
		{`msg:add_header("X-N", "a\rb")`, "add_header: X-N: header value contains a bare carriage return"},
		{`msg:add_header("X-N", "a\r\nBcc: b")`, "add_header: X-N: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{`msg:add_header("X-N", raw("a\nb"))`, "add_header: X-N: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{`msg:insert_header("X-N", "v")`, "insert_header: index is a string; a whole number was expected"},
		{`msg:insert_header(-1, "X-N", "v")`, "insert_header: index is -1; 0 is above the MTA's Received, 1 below it, k+1 after the k-th field"},
		{`msg:insert_header(0.5, "X-N", "v")`, "insert_header: index is 0.5; a whole number was expected"},
		{`msg:insert_header(2^40, "X-N", "v")`, "insert_header: index is 1099511627776; a whole number was expected"},
		{`msg:insert_header(0, "X-N")`, "insert_header: the value of X-N is nil" + value},
		{`msg:insert_header(0)`, "insert_header: the header name is nil; a string was expected"},
		{`msg:change_header("X-N", "v", 0)`, "change_header: there is no field 0; 1 is the first of that name, -1 the last"},
		{`msg:change_header("X-N", "v", "1")`, "change_header: n is a string; a whole number was expected"},
		{`msg:change_header("X-N")`, "change_header: the value of X-N is nil" + value},
		{`msg:change_header()`, "change_header: the header name is nil; a string was expected"},
		{`msg:delete_header()`, "delete_header: the header name is nil; a string was expected"},
		{`msg:delete_header("X-A", 0)`, "delete_header: there is no field 0; 1 is the first of that name, -1 the last"},
		{`msg:delete_header({"X-A"}, 1)`, "delete_header: n says which field of one name is meant; it does not go with a table"},
		{`msg:delete_header({"X-A", 5})`, "delete_header: item 2 is a number; an array of header names was expected"},
		{`msg:delete_header({["X-A"] = true})`, `delete_header: the table is no array; an array of header names was expected, such as {"X-A", "X-B"}`},
		{`msg:prepend_header("X-N")`, "prepend_header: the value of X-N is nil" + value},
		{`msg:set_header("X N", "v")`, `set_header: header name "X N" contains ' '; printable ASCII without blank and colon is allowed`},
		{`msg:set_header("X-N", "a\000")`, "set_header: X-N: header value contains a NUL"},
		{`msg:prefix_subject()`, "prefix_subject: the text is nil; a string was expected"},
		{`msg:prefix_subject(" ")`, "prefix_subject: the text is empty"},
		{`msg:prefix_subject("a\nBcc: b")`, "prefix_subject: Subject: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{`msg:delete_header("X-A", {})`, "delete_header: n is a table; a whole number was expected"},
		{`msg:change_sender()`, "change_sender: the address is nil; a string was expected"},
		{`msg:change_sender("a b@c")`, `change_sender: "a b@c"` + address},
		{`msg:change_sender("a@b> RET=FULL")`, `change_sender: "a@b> RET=FULL"` + address},
		{`msg:change_sender("a@b", 5)`, "change_sender: params is a number; a string or a table was expected"},
		{`msg:change_sender("a@b", "RET=\r\nDATA")`, `change_sender: "RET=\r\nDATA" is not an ESMTP parameter; the form is KEYWORD or KEYWORD=value, printable ASCII without blanks`},
		{`msg:change_sender("a@b", {ENVID = "a RET=FULL"})`, `change_sender: "ENVID=a RET=FULL" is not an ESMTP parameter; the form is KEYWORD or KEYWORD=value, printable ASCII without blanks`},
		{`msg:change_sender("a@b", {"A B"})`, `change_sender: "A B" is not an ESMTP parameter; the form is KEYWORD or KEYWORD=value, printable ASCII without blanks`},
		{`msg:change_sender("a@b", {RET = {}})`, "change_sender: params.RET is a table; a string or true was expected"},
		{`msg:change_sender("a@b", {{}})`, `change_sender: item 1 of params is a table; a string such as "RET=HDRS" was expected`},
		{`msg:add_recipient()`, "add_recipient: the address is nil; a string was expected"},
		{`msg:add_recipient("")`, `add_recipient: ""` + address},
		{`msg:add_recipient("a@b, c@d")`, `add_recipient: "a@b, c@d"` + address},
		{`msg:add_recipient("\195\182@b")`, `add_recipient: address "ö@b" is not ASCII, and the message did not come with SMTPUTF8`},
		{`msg:add_recipient("a@b", true)`, "add_recipient: params is a boolean; a string or a table was expected"},
		{`msg:delete_recipient()`, "delete_recipient: the address is nil; a string was expected"},
		{`msg:delete_recipient("Jo <a@b>")`, `delete_recipient: "Jo <a@b>"` + address},
		{`msg:replace_body()`, "replace_body: the content is nil; a string or an array of strings was expected"},
		{`msg:replace_body(true)`, "replace_body: the content is a boolean; a string or an array of strings was expected"},
		{`msg:replace_body(raw("x"))`, "replace_body: the content is a raw; a string or an array of strings was expected"},
		{`msg:replace_body({"a", {}})`, "replace_body: item 2 is a table; an array of strings was expected"},
		{`msg:replace_body({"a", nil, "c"})`, "replace_body: item 2 is nil; an array of strings was expected"},
		{`msg:quarantine()`, "quarantine: the reason is nil; a string was expected"},
		{`msg:quarantine("")`, "quarantine: the reason is empty"},
		{`msg:quarantine("a\nb")`, "quarantine: the reason contains the control character 0x0A; printable(text) makes it fit"},
		{`msg:header()`, "header: the name is nil; a string was expected"},
		{`msg:header("x", 0)`, "header: there is no field 0; 1 is the first of that name, -1 the last"},
		{`return msg.subject`, `msg has no "subject"; msg:header("subject") returns the value of that field`},
		{`msg:add_heder("X-A", "b")`, `msg has no "add_heder"; did you mean add_header?`},
		{`return msg.recipient`, `msg has no "recipient"; did you mean recipients?`},
		{`return msg[1]`, "msg[a number]: msg has fields with names only"},
		{`return msg[nil]`, "msg[nil]: msg has fields with names only"},
		{`msg.sender = "x"`, "msg is read only; its methods change the message, such as msg:change_header, msg:change_sender, msg:replace_body"},
	} {
		v.fails(tt.script, tt.want)
		if got := v.changes(); got != "" {
			t.Fatalf("%s changed %q", tt.script, got)
		}
		if strings.HasPrefix(tt.script, "msg:") {
			v.fails("coroutine.wrap(function() "+tt.script+" end)()", tt.want)
		}
	}
	v.host.err = errors.New("the MTA is gone")
	v.fails(`msg:progress()`, "progress: the MTA is gone")
}

// TestHugeBody checks that an array that names one string many times is refused before it is joined.
func TestHugeBody(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.fails(`local s, t = ("x"):rep(2^20), {} for i = 1, 513 do t[i] = s end msg:replace_body(t)`, "replace_body: the content has more than 512 MiB")
}

// actionArguments are arguments with which the functions of msg work in eom.
var actionArguments = map[string]string{
	"header": `"X"`, "add_header": `"X", "v"`, "insert_header": `0, "X", "v"`, "change_header": `"X", "v"`, "delete_header": `"X"`, "prepend_header": `"X", "v"`, "set_header": `"X", "v"`,
	"prefix_subject": `"x"`, "change_sender": `""`,
	"add_recipient": `"a@b"`, "delete_recipient": `"a@b"`, "replace_body": `"x"`, "quarantine": `"x"`, "progress": ``, "text": ``, "html": ``,
	"add_footer": `{text = "x"}`, "add_banner": `{text = "x"}`, "remove_part": `part`, "replace_part": `part, "x"`,
}

// TestActionsOnlyInEOM tries every function of msg everywhere else.
func TestActionsOnlyInEOM(t *testing.T) {
	for _, f := range messageModule.Funcs {
		args, ok := actionArguments[f.Name]
		if !ok {
			t.Errorf("%s: the test has no arguments for it", f.Name)
		}
		if f.Stages != "eom" {
			t.Errorf("%s works in %q", f.Name, f.Stages)
		}
		call := "msg:" + f.Name + "(" + args + ")"
		v := newVM(t, protocol.StageEOM)
		if _, err := v.run("part = msg.parts[1] " + call); err != nil {
			t.Errorf("in eom: %v", err)
		}
		dot := "msg." + f.Name + "(" + args + ")"
		v.fails(dot, f.Name+" is a method: write msg:"+f.Name+"(...), with a colon")
		v.fails("msg."+f.Name+"()", f.Name+" is a method: write msg:"+f.Name+"(...), with a colon")
		v.fails(strings.Replace(strings.Replace(dot, "(", "(reject, ", 1), ", )", ")", 1), f.Name+" on a msg kept from an earlier message; use the msg that eom is given")

		old := v.call.Message
		v.set("old", v.NewMessage(old))
		v.begin(testMessage())
		before := len(old.Changes(protocol.Postfix))
		v.fails(strings.Replace(call, "msg", "old", 1), f.Name+" on a msg kept from an earlier message; use the msg that eom is given")
		if len(old.Changes(protocol.Postfix)) != before || v.changes() != "" {
			t.Errorf("%s on an earlier msg changed something", f.Name)
		}

		v.call.Message, v.call.Headers = nil, nil
		for s := range protocol.Stage(protocol.NumStages) {
			if s == protocol.StageEOM {
				continue
			}
			v.call.Stage = s
			want := f.Name + " works only in eom, not in " + s.String()
			v.fails(call, want)
			v.fails(dot, want)
			v.fails("coroutine.wrap(function() "+call+" end)()", want)
		}
		v.End()
		v.fails(call, f.Name+" works only inside a hook, not while the script is loaded")
	}
}

func TestKeptMessage(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.set("old", v.NewMessage(NewMessage(&protocol.HeaderEdit{}, "", nil, nil)))
	for _, p := range messageModule.Fields {
		v.fails("return old."+p.Name, "msg."+p.Name+" of an earlier message; use the msg that eom is given")
	}
	v.call.Message = nil
	v.call.Stage = protocol.StageMail
	v.fails("return old.sender", "msg.sender works only in eom, not in mail")
	v.End()
	v.fails("return old.sender", "msg.sender works only inside a hook, not while the script is loaded")
}
