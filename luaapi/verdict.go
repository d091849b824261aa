package luaapi

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// plainVerdicts are the verdict values, which are globals, in the order of protocol.Verdict.
var plainVerdicts = [...]protocol.Reply{
	{Verdict: protocol.Continue}, {Verdict: protocol.Accept}, {Verdict: protocol.Reject},
	{Verdict: protocol.Tempfail}, {Verdict: protocol.Discard}, {Verdict: protocol.Skip},
}

var verdictModule = Module{
	"verdict", Globals,
	"What a hook returns. Nothing, or continue, goes on. Each value can be returned as it is; reject and tempfail can also be called with the reply " +
		"that the SMTP client gets: reject(text), reject(status, text), reject(code, status, text), reject(code, text). Text alone gets 550 5.7.1, " +
		"with tempfail 451 4.7.1. The text is printable ASCII (see printable), lines separated by \\n, at most 32 lines of 980 bytes.",
	nil,
	[]Func{
		{"continue", "", "verdict", "", "No opinion: the conversation goes on.", "mfapi.h: SMFIS_CONTINUE", nil},
		{"accept", "", "verdict", "", "Takes the message (in connect and helo: everything on the connection) as far as this script goes.", "mfapi.h: SMFIS_ACCEPT", nil},
		{"reject", "code: integer?, status: string?, text: string?", "verdict", "", "Refuses for good; in rcpt that recipient only. The code is 500 to 599, the status begins with 5.", "mfapi.h: SMFIS_REJECT; RFC 5321 section 4.2; RFC 3463", nil},
		{"tempfail", "code: integer?, status: string?, text: string?", "verdict", "", "Refuses for now; in rcpt that recipient only. The code is 400 to 499, the status begins with 4.", "mfapi.h: SMFIS_TEMPFAIL; RFC 5321 section 4.2; RFC 3463", nil},
		{"discard", "", "verdict", "mail rcpt data header eoh body eom", "Tells the client that the message was taken, and drops it.", "mfapi.h: SMFIS_DISCARD", nil},
		{"skip", "", "verdict", "body", "No more body chunks of this message for this script.", "mfapi.h: SMFIS_SKIP", nil},
	},
}

// openVerdicts makes the verdict values globals.
func (e *Env) openVerdicts() {
	e.verdictMeta = e.metatable("verdict", map[string]lua.LGFunction{
		"__call":     e.callVerdict,
		"__tostring": verdictToString,
	})
	for i := range plainVerdicts {
		e.verdicts[i] = e.object(&plainVerdicts[i], e.verdictMeta)
		e.L.SetGlobal(plainVerdicts[i].Verdict.String(), e.verdicts[i])
	}
}

// callVerdict is reject(...) and its kin.
func (e *Env) callVerdict(L *lua.LState) int {
	base, _ := verdictOf(L.Get(1))
	if base == nil {
		L.RaiseError("not a verdict")
	}
	r, err := makeReply(base.Verdict, arguments(L, 2))
	if err != nil {
		L.RaiseError("%v", err)
	}
	L.Push(e.object(&r, e.verdictMeta))
	return 1
}

// arguments returns the arguments from the n-th on.
func arguments(L *lua.LState, n int) []lua.LValue {
	var out []lua.LValue
	for ; n <= L.GetTop(); n++ {
		out = append(out, L.Get(n))
	}
	return out
}

// makeReply builds what reject(...) and tempfail(...) return from [code], [status], text.
func makeReply(v protocol.Verdict, args []lua.LValue) (protocol.Reply, error) {
	if len(args) == 0 {
		return protocol.Reply{Verdict: v}, nil
	}
	code, status := 550, ""
	if v == protocol.Tempfail {
		code = 451
	}
	given := args
	if n, ok := args[0].(lua.LNumber); ok {
		code, args = int(n), args[1:]
		if lua.LNumber(code) != n {
			return protocol.Reply{}, fmt.Errorf("%v(...): the code %v is not a whole number", v, n)
		}
	} else if len(args) == 1 {
		status = fmt.Sprintf("%d.7.1", code/100)
	}
	var texts []string
	for _, a := range args {
		s, ok := a.(lua.LString)
		if !ok {
			return protocol.Reply{}, fmt.Errorf("%v(...): %s where a string was expected; it takes a text, (status, text), (code, text) or (code, status, text)", v, a.Type())
		}
		texts = append(texts, string(s))
	}
	switch {
	case len(texts) == 1:
	case len(texts) == 2:
		status, texts = texts[0], texts[1:]
		if status == "" {
			return protocol.Reply{}, fmt.Errorf("%v(...): the status is empty; leave it out for none", v)
		}
	default:
		return protocol.Reply{}, fmt.Errorf("%v(...): %d arguments; it takes a text, (status, text), (code, text) or (code, status, text)", v, len(given))
	}
	return protocol.NewReply(v, code, status, texts[0])
}

func verdictToString(L *lua.LState) int {
	r, ok := verdictOf(L.Get(1))
	if !ok {
		L.RaiseError("not a verdict")
	}
	s := r.Verdict.String()
	if r.Code != 0 {
		s = fmt.Sprintf("%s %d %s %s", s, r.Code, r.Enhanced, r.Text)
	}
	L.Push(lua.LString(s))
	return 1
}

func verdictOf(v lua.LValue) (*protocol.Reply, bool) {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return nil, false
	}
	r, ok := ud.Value.(*protocol.Reply)
	return r, ok
}

// Verdict turns what a hook returned into a reply, and says what is wrong with anything else.
func Verdict(stage protocol.Stage, v lua.LValue) (protocol.Reply, error) {
	if v == lua.LNil {
		return protocol.Reply{}, nil
	}
	r, ok := verdictOf(v)
	if !ok {
		return protocol.Reply{}, fmt.Errorf("%s returned a %s; a hook returns nothing or a verdict: continue, accept, reject, tempfail, discard or skip", stage, v.Type())
	}
	switch {
	case r.Verdict == protocol.Skip && stage != protocol.StageBody:
		return protocol.Reply{}, fmt.Errorf("%s returned skip, which works only in body", stage)
	case r.Verdict == protocol.Discard && takesVerdict(stage) && !stage.InMessage():
		return protocol.Reply{}, fmt.Errorf("%s returned discard, which works only for a message", stage)
	case r.Verdict != protocol.Continue && !takesVerdict(stage):
		return protocol.Reply{}, fmt.Errorf("%s returned %s, but nobody waits for a verdict there", stage, r.Verdict)
	}
	return *r, nil
}

// takesVerdict reports whether an MTA can be answered at the stage.
func takesVerdict(s protocol.Stage) bool {
	return s != protocol.StageNegotiate && s != protocol.StageAbort && s != protocol.StageClose
}
