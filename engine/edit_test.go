package engine

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// eomOf makes a script whose eom is given; it asks for header, body and recipients in any case.
func eomOf(body string) string {
	return "function eom(conn, msg)\n" + body + "\nend"
}

// mailWithFields is a message with a few fields.
const mailWithFields = `
	mail <a@example.org>
	rcpt <b@example.com>
	rcpt <c@example.com>
	header Subject: hello
	header X-List: one
	header X-List: two
	header X-List: three
	eoh
	body first\r\nsecond\r\n
	eom -> continue`

// What each action puts on the wire.
func TestActions(t *testing.T) {
	for _, c := range []struct{ name, eom, want string }{
		{"add_header", `msg:add_header("X-A", "v")`, `, ADDHEADER X-A: v`},
		{"add_header with a number", `msg:add_header("X-A", 2) msg:add_header("X-B", 0.5)`, `, ADDHEADER X-A: 2, ADDHEADER X-B: 0.5`},
		{"add_header with an empty value", `msg:add_header("X-A", "")`, `, ADDHEADER X-A:`},
		{"add_header, folded, with CRLF", `msg:add_header("X-A", "one\r\n two")`, `, ADDHEADER X-A: one\n two`},
		{"add_header with raw bytes", `msg:add_header("X-A", raw("caf\195\169"))`, ", ADDHEADER X-A: caf\u00e9"},
		{"insert_header above Received", `msg:insert_header(0, "X-A", "v")`, `, INSHEADER 0 X-A: v`},
		{"insert_header below Received", `msg:insert_header(1, "X-A", "v")`, `, INSHEADER 1 X-A: v`},
		{"insert_header after the second field", `msg:insert_header(3, "X-A", "v")`, `, INSHEADER 3 X-A: v`},
		{"insert_header beyond the end", `msg:insert_header(99, "X-A", "v")`, `, ADDHEADER X-A: v`},
		{"change_header", `log.info(tostring(msg:change_header("subject", "new")))`, `, CHGHEADER 1 Subject: new`},
		{"change_header, the second", `msg:change_header("X-List", "new", 2)`, `, CHGHEADER 2 X-List: new`},
		{"change_header, the last", `msg:change_header("X-List", "new", -1)`, `, CHGHEADER 3 X-List: new`},
		{"change_header to what it is", `msg:change_header("Subject", "hello")`, ``},
		{"change_header of one that is absent adds it", `msg:change_header("X-New", "v")`, `, ADDHEADER X-New: v`},
		{"delete_header: all", `msg:delete_header("x-list")`, `, CHGHEADER 3 X-List:, CHGHEADER 2 X-List:, CHGHEADER 1 X-List:`},
		{"delete_header: one", `msg:delete_header("X-List", 2)`, `, CHGHEADER 2 X-List:`},
		{"delete_header: the last", `msg:delete_header("X-List", -1)`, `, CHGHEADER 3 X-List:`},
		{"delete_header of one that is absent", `msg:delete_header("X-New")`, ``},
		{"delete_header of one that was added", `msg:add_header("X-New", "v") msg:delete_header("X-New")`, ``},
		{"change_sender", `msg:change_sender("new@example.org")`, `, CHGFROM <new@example.org>`},
		{"change_sender with brackets", `msg:change_sender("<new@example.org>")`, `, CHGFROM <new@example.org>`},
		{"change_sender to the null sender", `msg:change_sender("")`, `, CHGFROM <>`},
		{"change_sender with parameters", `msg:change_sender("new@example.org", "RET=HDRS")`, `, CHGFROM <new@example.org> RET=HDRS`},
		{"change_sender with a table of parameters", `msg:change_sender("new@example.org", { RET = "HDRS", ENVID = "x" })`, `, CHGFROM <new@example.org> ENVID=x RET=HDRS`},
		{"add_recipient", `msg:add_recipient("d@example.com")`, `, ADDRCPT <d@example.com>`},
		{"add_recipient with brackets", `msg:add_recipient("<d@example.com>")`, `, ADDRCPT <d@example.com>`},
		{"add_recipient with parameters", `msg:add_recipient("d@example.com", { "NOTIFY=NEVER" })`, `, ADDRCPT_PAR <d@example.com> NOTIFY=NEVER`},
		{"add_recipient of one that is there", `msg:add_recipient("b@EXAMPLE.com")`, ``},
		{"add_recipient twice", `msg:add_recipient("d@example.com") msg:add_recipient("d@example.com")`, `, ADDRCPT <d@example.com>`},
		{"delete_recipient", `msg:delete_recipient("b@example.com")`, `, DELRCPT <b@example.com>`},
		{"delete_recipient of one that is absent", `msg:delete_recipient("x@example.com")`, ``},
		{"delete_recipient and add_recipient of the same", `msg:delete_recipient("b@example.com") msg:add_recipient("b@example.com")`, ``},
		{"replace_body", `msg:replace_body("new\r\n")`, `, REPLBODY "new\r\n"`},
		{"replace_body with lines of any ending", `msg:replace_body("one\ntwo")`, `, REPLBODY "one\r\ntwo\r\n"`},
		{"replace_body with an array", `msg:replace_body({ "one\r\n", "two\r\n" })`, `, REPLBODY "one\r\ntwo\r\n"`},
		{"replace_body with nothing", `msg:replace_body("")`, `, REPLBODY ""`},
		{"replace_body twice: the last one wins", `msg:replace_body("one\r\n") msg:replace_body("two\r\n")`, `, REPLBODY "two\r\n"`},
		{"replace_body with what it was", `msg:replace_body(msg.body:gsub("first", "1st"))`, `, REPLBODY "1st\r\nsecond\r\n"`},
		{"quarantine", `msg:quarantine("looks odd")`, `, QUARANTINE looks odd`},
		{"the body goes last", `msg:replace_body("b\r\n") msg:quarantine("q") msg:add_header("X", "h")`, `, ADDHEADER X: h, QUARANTINE q, REPLBODY "b\r\n"`},
		{"changes with accept", `msg:add_header("X", "h") return continue`, `, ADDHEADER X: h`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, eomOf(c.eom))
			r.mta().dialog(strings.TrimRight(mailWithFields+c.want, " "))
			noErrors(t, r)
		})
	}
}

// What the actions return, and what msg shows after them.
func TestMessageShowsItsEdits(t *testing.T) {
	for _, c := range []struct{ eom, want string }{
		{`return msg:header("subject")`, "hello"},
		{`return msg:header("X-List", 2)`, "two"},
		{`return msg:header("X-List", -1)`, "three"},
		{`return msg:header("X-None")`, "nil"},
		{`return #msg.headers`, "4"},
		{`return msg.headers[2].name .. "=" .. msg.headers[2].value`, "X-List=one"},
		{`return msg.headers[5]`, "nil"},
		{`return msg.headers:get("x-list", 3)`, "three"},
		{`return table.concat(msg.headers:all("X-LIST"), " ")`, "one two three"},
		{`return msg.headers:count("X-List") .. msg.headers:count()`, "34"},
		{`return msg.sender .. " " .. table.concat(msg.recipients, " ")`, "a@example.org b@example.com c@example.com"},
		{`return (msg.body:gsub("\r\n", "/"))`, "first/second/"},
		{`return #msg.body`, "15"},
		{`return msg.body:match("%a+")`, "first"},

		{`return msg:add_header("A", "b")`, "nil"},
		{`msg:add_header("A", "b") return msg:header("a") .. #msg.headers`, "b5"},
		{`msg:insert_header(0, "A", "b") return msg.headers[1].name`, "A"},
		{`msg:insert_header(1, "A", "b") return msg.headers[1].name`, "A"},
		{`msg:insert_header(2, "A", "b") return msg.headers[2].name`, "A"},
		{`return msg:change_header("Subject", "x")`, "true"},
		{`return msg:change_header("X-None", "x")`, "false"},
		{`return msg:change_header("X-List", "x", 4)`, "false"},
		{`msg:change_header("Subject", "x") return msg:header("Subject")`, "x"},
		{`return msg:delete_header("Subject")`, "true"},
		{`return msg:delete_header("X-None")`, "false"},
		{`return msg:delete_header("X-List", 4)`, "false"},
		{`msg:delete_header("X-List", 1) return msg:header("X-List") .. #msg.headers`, "two3"},
		{`msg:delete_header("X-List") return msg.headers:count("X-List")`, "0"},
		{`msg:change_sender("<n@example.org>") return msg.sender`, "n@example.org"},
		{`msg:change_sender("<>") return "[" .. msg.sender .. "]"`, "[]"},
		{`return msg:add_recipient("d@example.com")`, "true"},
		{`return msg:add_recipient("b@example.com")`, "false"},
		{`msg:add_recipient("d@example.com") return table.concat(msg.recipients, " ")`, "b@example.com c@example.com d@example.com"},
		{`return msg:delete_recipient("<b@example.com>")`, "true"},
		{`return msg:delete_recipient("x@example.com")`, "false"},
		{`msg:delete_recipient("b@example.com") return table.concat(msg.recipients, " ")`, "c@example.com"},
		{`msg:replace_body({ "x", "y" }) return (msg.body:gsub("\r\n", "/"))`, "xy/"},
		{`msg:quarantine("q") return msg:progress()`, "nil"},
	} {
		t.Run(c.eom, func(t *testing.T) {
			r := start(t, "local function edit(msg) "+c.eom+" end\n"+eomOf(`log.info(tostring((edit(msg)))) return reject`))
			r.mta().dialog(strings.Replace(mailWithFields, "-> continue", "-> reject", 1))
			equal(t, "said", r.said(), []string{c.want})
			noErrors(t, r)
		})
	}
}

// What an action refuses is an error at the line that asked for it.
func TestActionsRefuse(t *testing.T) {
	for _, c := range []struct{ eom, want string }{
		{`msg:add_header("X-A")`, `add_header: the value of X-A is nil`},
		{`msg:add_header("X-A", {})`, `add_header: the value of X-A`},
		{`msg:add_header("X A", "v")`, `add_header: header name "X A" contains ' '`},
		{`msg:add_header("", "v")`, `add_header: header name is empty`},
		{`msg:add_header("X-A:", "v")`, `add_header: header name "X-A:" contains ':'`},
		{`msg:add_header("X-A", "a\nb")`, `add_header: X-A: header value has a line break that no blank follows`},
		{`msg:add_header("X-A", "a\rb")`, `add_header: X-A: header value contains a bare carriage return`},
		{`msg:add_header("X-A", "a\0b")`, `add_header: X-A: header value contains a NUL`},
		{`msg:add_header("X-A", raw("a\nb"))`, `add_header: X-A: header value has a line break`},
		{`msg:insert_header(-1, "X-A", "v")`, `insert_header: index is -1`},
		{`msg:insert_header("X-A", "v")`, `insert_header: index is`},
		{`msg:change_header("Subject", "v", 0)`, `change_header: there is no field 0`},
		{`msg:delete_header("Subject", 0)`, `delete_header: there is no field 0`},
		{`msg:change_sender("no address")`, `change_sender: "no address" is not an address`},
		{`msg:change_sender("a@b", "x\r\ny")`, `change_sender: `},
		{`msg:add_recipient("")`, `add_recipient: `},
		{`msg:add_recipient("a@b, c@d")`, `add_recipient: "a@b, c@d" is not an address`},
		{`msg:delete_recipient({})`, `delete_recipient: the address is`},
		{`msg:replace_body(nil)`, `replace_body: the content is nil`},
		{`msg:replace_body({ "x", {} })`, `replace_body: item 2 is`},
		{`msg:quarantine("")`, `quarantine: the reason is empty`},
		{`msg:quarantine("a\nb")`, `quarantine: the reason contains`},
	} {
		t.Run(c.eom, func(t *testing.T) {
			r := start(t, eomOf(`msg:add_header("X-Before", "1")`+"\n"+c.eom))
			r.mta().dialog(strings.Replace(mailWithFields, "-> continue", "-> tempfail", 1))
			line := oneFailure(t, r, c.want)
			if line["line"] != 3.0 {
				t.Errorf("logged at line %v: %v", line["line"], line["message"])
			}
		})
	}
}

// Actions exist in eom only, also for who tries.
func TestActionsOutsideEOM(t *testing.T) {
	for _, stage := range []string{"connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "unknown", "abort", "close"} {
		t.Run(stage, func(t *testing.T) {
			r := start(t, `
function eom(conn, msg) conn.connection.act = function() msg:add_header("X", "1") end end
function `+stage+`(conn) if conn.connection.act then conn.connection.act() end end`)
			m := r.mta()
			m.dialog("mail <a@example.org>\neom -> continue\nconnect\nmail <a@example.org>\neom")
			m.dialog(`
				helo mail.example.org
				mail <a@example.org>
				rcpt <b@example.com>
				data
				header A: b
				eoh
				body text
				unknown HELP
				abort
				quit`)
			r.ended()
			for _, l := range r.log.at("warn") {
				if l["hook"] != nil && !strings.HasSuffix(fmt.Sprint(l["message"]), "add_header works only in eom, not in "+stage) {
					t.Errorf("logged %v", l["message"])
				}
			}
			if stage != "connect" && len(r.log.at("warn")) == 0 {
				t.Error("nothing was logged")
			}
		})
	}
}

// Changes are sent all together when every script has spoken, or not at all.
func TestAllOrNothing(t *testing.T) {
	const first = `function eom(conn, msg) msg:add_header("X-First", "1") msg:delete_recipient("b@example.com") end`
	for _, c := range []struct{ name, second, want string }{
		{"a later script fails", `error("boom")`, "tempfail"},
		{"a later script fails in the middle of its edits", `msg:add_header("X-Second", "1") error("boom")`, "tempfail"},
		{"a later script refuses", `return reject`, "reject"},
		{"a later script drops the message", `return discard`, "discard"},
		{"a later script sees the edits so far", `log.info(msg:header("X-First") .. table.concat(msg.recipients)) return reject`, "reject"},
		{"a later script undoes an edit", `msg:delete_header("X-First")`, "continue, DELRCPT <b@example.com>"},
		{"a later script edits on", `msg:change_header("X-First", "2")`, "continue, ADDHEADER X-First: 2, DELRCPT <b@example.com>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, first, eomOf(c.second))
			r.mta().dialog(strings.Replace(mailWithFields, "-> continue", "-> "+c.want, 1))
			for _, s := range r.said() {
				if s != "1c@example.com" {
					t.Errorf("the later script saw %s", s)
				}
			}
		})
	}
}

// A message larger than the limit gets the verdict of an error as soon as that can be told, and no hook sees half of it.
func TestMessageOverTheLimit(t *testing.T) {
	for _, c := range []struct{ name, script, dialog string }{
		{"the body", `function eom(conn, msg) log.info("eom " .. #msg.body) end`, `
			mail <a@example.org>
			body 0123456789
			body 0123456789
			body 0123456789
			eom -> tempfail
			mail <a@example.org>
			body 0123456789
			eom -> continue`},
		{"the header", `
function eoh(conn, headers) log.info("eoh " .. #headers) return continue end
function eom(conn, msg) log.info("eom " .. #msg.headers) end`, `
			mail <a@example.org>
			header One: 0123456789
			header Two: 0123456789
			eoh -> tempfail
			mail <a@example.org>
			header One: 0123456789
			eoh -> continue
			eom -> continue`},
		{"what no script reads does not count", `
function body(conn, chunk) conn.n = (conn.n or 0) + #chunk end
function eom(conn, msg) msg:add_header("X", conn.n) end`, `
			mail <a@example.org>
			body 0123456789
			body 0123456789
			body 0123456789
			eom -> continue, ADDHEADER X: 30`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := defaults()
			s.limits.Message = 25
			r := s.start(t, c.script)
			r.mta().dialog(c.dialog)
			var warnings []string
			for _, l := range r.log.at("warn") {
				warnings = append(warnings, fmt.Sprint(l["message"]))
			}
			switch c.name {
			case "the body":
				equal(t, "said", r.said(), []string{"eom 10"})
			case "the header":
				equal(t, "said", r.said(), []string{"eoh 1", "eom 1"})
			default:
				equal(t, "warnings", warnings, nil)
				return
			}
			equal(t, "warnings", warnings, []string{"message is larger than limits.message; limits.too_large says what becomes of it"})
		})
	}
}

// Text in UTF-8 stays as it is in a message that came with SMTPUTF8, and is encoded in others.
func TestSMTPUTF8(t *testing.T) {
	r := start(t, eomOf(`msg:add_header("X-A", "caf\195\169")`))
	m := r.mta()
	m.dialog("mail <a@example.org> smtputf8\neom -> continue, ADDHEADER X-A: café\nmail <a@example.org>")
	if got := m.do("eom"); !strings.HasPrefix(got, "continue, ADDHEADER X-A: =?utf-8?") {
		t.Errorf("without SMTPUTF8: %s", got)
	}
}

// With large changes too the reply comes last and the body is whole.
func TestLargeBody(t *testing.T) {
	r := start(t, eomOf(`msg:replace_body(("0123456789abcd\r\n"):rep(20000)) msg:add_header("X", "1")`))
	m := r.mta()
	m.dialog("mail <a@example.org>")
	changes, reply, _, err := m.EndOfMessage()
	if err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	for _, c := range changes {
		if c.Response == protocol.RespReplBody {
			body.Write(c.Body)
		}
	}
	if body.String() != strings.Repeat("0123456789abcd\r\n", 20000) || reply.Verdict != protocol.Continue {
		t.Errorf("%d bytes of body, reply %v", body.Len(), reply)
	}
}
