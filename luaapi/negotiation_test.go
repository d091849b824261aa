package luaapi

import (
	"testing"

	"luamilter/protocol"
)

func TestNegotiation(t *testing.T) {
	v := newVM(t, protocol.StageNegotiate)
	for script, want := range map[string]string{
		`neg.offered.version`: "6", `neg.offered.actions`: "511", `neg.offered.protocol`: "2097151", `neg.nothing`: "nil", `getmetatable(neg)`: "neg",
		`pcall(setmetatable, neg, {})`: "false",
	} {
		v.want("return "+script, want)
	}
	if _, err := v.run(`
	neg:request_macros("mail", {"i", "{auth_type}"})
	neg:request_rejected()
	neg:reply("header", true)
	neg:reply("body", true)
	neg:reply("body", false)
	coroutine.wrap(function() neg:leading_space(true) end)()`); err != nil {
		t.Fatal(err)
	}
	want := protocol.Want{Extras: protocol.RcptRejected | protocol.LeadingSpace}
	want.Events = want.Events.With(protocol.StageRcpt)
	want.Replies = want.Replies.With(protocol.StageHeader)
	if err := want.Macros.Request(protocol.StageMail, []string{"i", "auth_type"}); err != nil {
		t.Fatal(err)
	}
	if *v.call.Want != want {
		t.Errorf("want %+v, not %+v", want, *v.call.Want)
	}
	if _, err := v.run(`neg:leading_space(false)`); err != nil || v.call.Want.Extras != protocol.RcptRejected {
		t.Errorf("%v: %v", v.call.Want.Extras, err)
	}
}

func TestNegotiationErrors(t *testing.T) {
	v := newVM(t, protocol.StageNegotiate)
	for _, tt := range []struct{ script, want string }{
		{`neg:request_macros("nowhere", {})`, `request_macros: "nowhere": no such stage; the stages are connect helo mail rcpt data eoh eom`},
		{`neg:request_macros("body", {"i"})`, "request_macros: no macros can be requested for body; the stages are connect helo mail rcpt data eoh eom"},
		{`neg:request_macros("mail", "i")`, "request_macros: names is a string; an array of strings was expected"},
		{`neg:request_macros("mail")`, "request_macros: names is nil; an array of strings was expected"},
		{`neg:request_macros("mail", {"i", {}})`, "request_macros: item 2 of names is a table; an array of strings was expected"},
		{`neg:request_macros("mail", {"a b"})`, `request_macros: "a b" is no macro name`},
		{`neg:request_macros()`, "request_macros: the stage is nil; a string was expected"},
		{`neg.request_macros("mail", {"i"})`, "request_macros is a method: write neg:request_macros(...), with a colon"},
		{`neg.request_rejected()`, "request_rejected is a method: write neg:request_rejected(...), with a colon"},
		{`neg:reply("nowhere", true)`, `reply: "nowhere": no such stage; the stages are connect helo mail rcpt data header eoh body unknown`},
		{`neg:reply("eom", false)`, "reply: there is no choice in eom; the stages are connect helo mail rcpt data header eoh body unknown"},
		{`neg:reply("close", false)`, "reply: there is no choice in close; the stages are connect helo mail rcpt data header eoh body unknown"},
		{`neg:reply("mail")`, "reply: wanted is nil; true or false was expected"},
		{`neg:reply("mail", "yes")`, "reply: wanted is a string; true or false was expected"},
		{`neg.reply("mail", true)`, "reply is a method: write neg:reply(...), with a colon"},
		{`neg:leading_space()`, "leading_space: wanted is nil; true or false was expected"},
		{`neg.leading_space(true)`, "leading_space is a method: write neg:leading_space(...), with a colon"},
		{`neg.x = 1`, "neg is read only; its methods change what is negotiated"},
		{`neg.offered.version = 2`, "neg.offered is read only; it says what the MTA told"},
	} {
		v.fails(tt.script, tt.want)
	}
	v.call.Want, v.call.Offer, v.call.Stage = nil, nil, protocol.StageConnect
	v.fails(`neg:request_rejected()`, "request_rejected works only in negotiate, not in connect")
	v.fails(`return neg.offered`, "neg.offered works only in negotiate, not in connect")
	v.End()
	v.fails(`neg:reply("mail", true)`, "reply works only inside a hook, not while the script is loaded")
}
