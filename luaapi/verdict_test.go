package luaapi

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

func TestVerdicts(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for _, tt := range []struct {
		script string
		want   protocol.Reply
	}{
		{`continue`, protocol.Reply{}},
		{`accept`, protocol.Reply{Verdict: protocol.Accept}},
		{`reject`, protocol.Reply{Verdict: protocol.Reject}},
		{`tempfail`, protocol.Reply{Verdict: protocol.Tempfail}},
		{`discard`, protocol.Reply{Verdict: protocol.Discard}},
		{`skip`, protocol.Reply{Verdict: protocol.Skip}},
		{`accept()`, protocol.Reply{Verdict: protocol.Accept}},
		{`reject()`, protocol.Reply{Verdict: protocol.Reject}},
		{`reject("go away")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: "go away"}},
		{`reject("")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1"}},
		{`tempfail("later")`, protocol.Reply{Verdict: protocol.Tempfail, Code: 451, Enhanced: "4.7.1", Text: "later"}},
		{`reject("5.1.1", "no user")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.1.1", Text: "no user"}},
		{`tempfail("4.2.0", "busy")`, protocol.Reply{Verdict: protocol.Tempfail, Code: 451, Enhanced: "4.2.0", Text: "busy"}},
		{`reject(554, "plain")`, protocol.Reply{Verdict: protocol.Reject, Code: 554, Text: "plain"}},
		{`tempfail(421, "4.7.0", "bye")`, protocol.Reply{Verdict: protocol.Tempfail, Code: 421, Enhanced: "4.7.0", Text: "bye"}},
		{`reject(554, "5.7.1", "one\ntwo")`, protocol.Reply{Verdict: protocol.Reject, Code: 554, Enhanced: "5.7.1", Text: "one\ntwo"}},
		{`reject("100% sure")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: "100% sure"}},
		{`reject("a\tb")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: "a\tb"}},
		{`reject("one")("two")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: "two"}},
		{`reject(("x\n"):rep(31) .. "x")`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: strings.Repeat("x\n", 31) + "x"}},
		{`reject(("x"):rep(980))`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: strings.Repeat("x", 980)}},
		{`reject(printable("J\195\182rg\r\n" .. ("%"):rep(2000)))`, protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.7.1", Text: "J?rg " + strings.Repeat("%", 447)}},
	} {
		got, err := v.run("return " + tt.script)
		if err != nil {
			t.Errorf("%s: %v", tt.script, err)
			continue
		}
		stage := protocol.StageMail
		if tt.want.Verdict == protocol.Skip {
			stage = protocol.StageBody
		}
		if r, err := Verdict(stage, got); err != nil || r != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.script, r, err, tt.want)
		}
	}
}

func TestVerdictErrors(t *testing.T) {
	const forms = "it takes a text, (status, text), (code, text) or (code, status, text)"
	v := newVM(t, protocol.StageMail)
	for _, tt := range []struct{ script, want string }{
		{`accept("x")`, "accept: it takes no reply; only reject and tempfail do"},
		{`continue(nil)`, "continue: it takes no reply; only reject and tempfail do"},
		{`discard(550, "x")`, "discard: it takes no reply; only reject and tempfail do"},
		{`skip({})`, "skip: it takes no reply; only reject and tempfail do"},
		{`reject(250, "x")`, "reject: needs a reply code from 500 to 599, not 250"},
		{`reject(450, "x")`, "reject: needs a reply code from 500 to 599, not 450"},
		{`tempfail(550, "4.7.1", "x")`, "tempfail: needs a reply code from 400 to 499, not 550"},
		{`reject(600, "x")`, "reject: needs a reply code from 500 to 599, not 600"},
		{`reject(0, "x")`, "reject: needs a reply code from 500 to 599, not 0"},
		{`reject(-550, "x")`, "reject: needs a reply code from 500 to 599, not -550"},
		{`reject(550.5, "x")`, "reject: the code is 550.5; a number like 550 was expected"},
		{`reject(1e300, "x")`, "reject: the code is 1e+300; a number like 550 was expected"},
		{`reject(0/0, "x")`, "reject: the code is nan; a number like 550 was expected"},
		{`tempfail(1/0, "x")`, "tempfail: the code is inf; a number like 451 was expected"},
		{`reject(554)`, "reject: the code 554 has no text; " + forms},
		{`reject("4.7.1", "x")`, `reject: needs an enhanced status like 5.7.1, not "4.7.1"`},
		{`tempfail("5.7.1", "x")`, `tempfail: needs an enhanced status like 4.7.1, not "5.7.1"`},
		{`reject("5.7", "x")`, `reject: needs an enhanced status like 5.7.1, not "5.7"`},
		{`reject("5.7.1 ", "x")`, `reject: needs an enhanced status like 5.7.1, not "5.7.1 "`},
		{`reject("5.7.1234", "x")`, `reject: needs an enhanced status like 5.7.1, not "5.7.1234"`},
		{`reject("", "x")`, "reject: the status is empty; leave it out for none"},
		{`reject(550, "", "x")`, "reject: the status is empty; leave it out for none"},
		{`reject("a\rb")`, "reject: reply text contains a carriage return in line 1; printable(text) makes it fit"},
		{`reject("a\nb\000")`, "reject: reply text contains a NUL in line 2; printable(text) makes it fit"},
		{`reject("\127")`, "reject: reply text contains the control character 0x7F in line 1; printable(text) makes it fit"},
		{`reject("J\195\182rg")`, "reject: reply text contains the byte 0xC3, which is not ASCII, in line 1; printable(text) makes it fit"},
		{`reject(("x\n"):rep(33))`, "reject: reply text has 34 lines, at most 32 work"},
		{`reject(("x"):rep(981))`, "reject: line 1 of the reply text has 981 bytes, at most 980 work"},
		{`reject(("%"):rep(491))`, "reject: line 1 of the reply text has 982 bytes, at most 980 work"},
		{`reject(550, "5.7.1", "x", "y")`, "reject: there are too many arguments; " + forms},
		{`reject("5.7.1", "x", "y")`, "reject: there are too many arguments; " + forms},
		{`reject(nil)`, "reject: nil where a string was expected; " + forms},
		{`reject(550, nil)`, "reject: nil where a string was expected; " + forms},
		{`reject("5.7.1", conn)`, "reject: a table where a string was expected; " + forms},
		{`reject(true)`, "reject: a boolean where a string was expected; " + forms},
		{`reject(550, 5)`, "reject: a number where a string was expected; " + forms},
		{`reject(reject)`, "reject: a verdict where a string was expected; " + forms},
	} {
		v.fails("return "+tt.script, tt.want)       // a tail call
		v.fails("local r = "+tt.script, tt.want)    // a call
		v.fails("return ("+tt.script+")", tt.want)  // neither
		v.fails("return {"+tt.script+"}", tt.want)  // in a table
		v.fails("error("+tt.script+", 0)", tt.want) // as an argument
	}
}

func TestVerdictText(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for script, want := range map[string]string{
		`tostring(reject)`:                            "reject",
		`tostring(reject("x"))`:                       "reject 550 5.7.1 x",
		`tostring(tempfail(451, "x  y"))`:             "tempfail 451 x  y",
		`reject == reject`:                            "true",
		`reject == tempfail`:                          "false",
		`type(reject)`:                                "userdata",
		`getmetatable(reject)`:                        "verdict",
		`select("#", pcall(function() reject() end))`: "1",
	} {
		v.want("return "+script, want)
	}
	v.fails(`reject.x = 1`, "attempt to index a non-table object(userdata) with key 'x'")
	v.fails(`return reject .. "x"`, "attempt to concatenate a userdata value")
}

// TestVerdictStages tries every verdict at every stage.
func TestVerdictStages(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for s := range protocol.Stage(protocol.NumStages) {
		for _, r := range plainVerdicts {
			value, err := v.run("return " + r.Verdict.String())
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			switch silent := s == protocol.StageNegotiate || s == protocol.StageAbort || s == protocol.StageClose; {
			case r.Verdict == protocol.Continue:
			case r.Verdict == protocol.Skip && s != protocol.StageBody:
				want = s.String() + " returned skip, which works only in body"
			case r.Verdict == protocol.Discard && (s == protocol.StageConnect || s == protocol.StageHelo):
				want = s.String() + " returned discard, which MTAs ignore before mail"
			case r.Verdict == protocol.Discard && s == protocol.StageUnknown:
				want = "unknown returned discard, but an unknown command is no message"
			case silent:
				want = s.String() + " returned " + r.Verdict.String() + ", but nobody waits for a verdict there"
			}
			got, err := Verdict(s, value)
			switch {
			case want == "" && (err != nil || got != r):
				t.Errorf("%v in %v: %v, %v", r.Verdict, s, got, err)
			case want != "" && (err == nil || err.Error() != want):
				t.Errorf("%v in %v: %v; want %s", r.Verdict, s, err, want)
			}
		}
	}
}

func TestNotVerdicts(t *testing.T) {
	const forms = "; a hook returns nothing or a verdict: continue, accept, reject, tempfail, discard or skip"
	v := newVM(t, protocol.StageEOM)
	for _, tt := range []struct{ script, want string }{
		{`true`, "eom returned a boolean" + forms},
		{`false`, "eom returned a boolean" + forms},
		{`5`, "eom returned a number" + forms},
		{`"no"`, "eom returned a string" + forms},
		{`"reject"`, `eom returned the text "reject"; return reject, without quotes`},
		{`"REJECT"`, `eom returned the text "REJECT"; return reject, without quotes`},
		{`{}`, "eom returned a table" + forms},
		{`print`, "eom returned a function" + forms},
		{`msg`, "eom returned a msg" + forms},
		{`msg.body`, "eom returned a body" + forms},
		{`raw("x")`, "eom returned a raw" + forms},
		{`coroutine.create(print)`, "eom returned a coroutine" + forms},
	} {
		value, err := v.run("return " + tt.script)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Verdict(protocol.StageEOM, value); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v; want %s", tt.script, err, tt.want)
		}
	}
	if r, err := Verdict(protocol.StageClose, lua.LNil); err != nil || r != (protocol.Reply{}) {
		t.Errorf("nil: %v, %v", r, err)
	}
}
