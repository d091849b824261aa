package luaapi

import (
	"errors"
	"fmt"
	"strings"

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
	"What a hook returns. Nothing, or `continue`, goes on; anything else that is no verdict is an error. Each can be returned as it is: `return reject`. `reject` and `tempfail` can also be called with the reply that the SMTP client gets:\n\n" +
		"    return reject(\"go away\")                    -- 550 5.7.1 go away; with tempfail 451 4.7.1\n" +
		"    return reject(\"5.1.1\", \"no such user\")      -- 550 5.1.1 no such user\n" +
		"    return reject(554, \"5.7.1\", \"one\\ntwo\")     -- two lines\n" +
		"    return reject(554, \"no status\")             -- 554 no status\n\n" +
		"The text is printable ASCII, at most 32 lines of 980 bytes, percent signs counting as two; `printable(s)` makes foreign text fit. What is wrong is an error where it is written, not where it is returned.",
	nil,
	[]Func{
		{"continue", "", "verdict", "", "No opinion: the conversation goes on.", "", "mfapi.h: SMFIS_CONTINUE", nil},
		{"accept", "", "verdict", inConversation, "Takes the message (in `connect` and `helo`: everything on the connection) as far as this script goes; other scripts go on.", "It is called with a reply.", "mfapi.h: SMFIS_ACCEPT", nil},
		{"reject", "code: integer?, status: string?, text: string?", "verdict", inConversation, "Refuses for good; in `rcpt` that recipient only. The `code` is 500 to 599, the `status` like 5.7.1; without `text` the MTA chooses all three.", badReply, "mfapi.h: SMFIS_REJECT; RFC 5321 section 4.2; RFC 3463", nil},
		{"tempfail", "code: integer?, status: string?, text: string?", "verdict", inConversation, "Refuses for now; in `rcpt` that recipient only. The `code` is 400 to 499, the `status` like 4.7.1; without `text` the MTA chooses all three.", badReply, "mfapi.h: SMFIS_TEMPFAIL; RFC 5321 section 4.2; RFC 3463", nil},
		{"discard", "", "verdict", "mail rcpt data header eoh body eom", "Tells the client that the message was taken, and drops it, in `rcpt` too for all its recipients.", "It is called with a reply.", "mfapi.h: SMFIS_DISCARD", nil},
		{"skip", "", "verdict", "body", "No more body chunks of this message for this script.", "It is called with a reply.", "mfapi.h: SMFIS_SKIP", nil},
	},
}

const (
	inConversation = "connect helo mail rcpt data header eoh body eom unknown"
	badReply       = "A `code` or `status` of another class or form; a `text` that is too long or not printable."
)

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
	base, ok := verdictOf(L.Get(1))
	if !ok {
		L.RaiseError("not a verdict")
	}
	var args []lua.LValue
	for i := 2; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	r, err := makeReply(base.Verdict, args)
	if err != nil {
		name := base.Verdict.String()
		L.RaiseError("%s: %s", name, strings.TrimPrefix(err.Error(), name+" "))
	}
	path, line := caller(L)
	e.spoken = spoken{&r, path, line}
	L.Push(e.object(&r, e.verdictMeta))
	return 1
}

// spoken is the verdict with a reply that a script made last, and where.
type spoken struct {
	reply *protocol.Reply
	path  string
	line  int
}

// Spoken returns where a script made a verdict, a line of 0 if that is not known.
func (e *Env) Spoken(v lua.LValue) (path string, line int) {
	if r, ok := verdictOf(v); ok && r == e.spoken.reply {
		return e.spoken.path, e.spoken.line
	}
	return "", 0
}

// errForms tells how reject and tempfail are called.
var errForms = errors.New("it takes a text, (status, text), (code, text) or (code, status, text)")

// makeReply builds what reject(...) and tempfail(...) return from [code], [status], text.
func makeReply(v protocol.Verdict, args []lua.LValue) (protocol.Reply, error) {
	var r protocol.Reply
	if len(args) == 0 {
		return protocol.Reply{Verdict: v}, nil
	}
	if v != protocol.Reject && v != protocol.Tempfail {
		return r, errors.New("it takes no reply; only reject and tempfail do")
	}
	code, status := 550, "5.7.1"
	if v == protocol.Tempfail {
		code, status = 451, "4.7.1"
	}
	if n, ok := args[0].(lua.LNumber); ok {
		if lua.LNumber(int16(n)) != n {
			return r, fmt.Errorf("the code is %s; a number like %d was expected", fullNumber(n), code)
		}
		code, status, args = int(n), "", args[1:]
	}
	var texts []string
	for _, a := range args {
		s, ok := a.(lua.LString)
		if !ok {
			return r, fmt.Errorf("%s where a string was expected; %w", kindOf(a), errForms)
		}
		texts = append(texts, string(s))
	}
	switch len(texts) {
	case 0:
		return r, fmt.Errorf("the code %d has no text; %w", code, errForms)
	case 1:
	case 2:
		if status = texts[0]; status == "" {
			return r, errors.New("the status is empty; leave it out for none")
		}
	default:
		return r, fmt.Errorf("there are too many arguments; %w", errForms)
	}
	return protocol.NewReply(v, code, status, texts[len(texts)-1])
}

// CheckReply reports what is wrong with a call of a verdict, as the call itself would.
func CheckReply(verdict string, args []lua.LValue) error {
	for _, r := range plainVerdicts {
		if r.Verdict.String() == verdict {
			_, err := makeReply(r.Verdict, args)
			return err
		}
	}
	return fmt.Errorf("%s is no verdict", verdict)
}

// verdictToString shows a verdict with its reply.
func verdictToString(L *lua.LState) int {
	r, ok := verdictOf(L.Get(1))
	if !ok {
		L.RaiseError("not a verdict")
	}
	s := r.Verdict.String()
	if r.Code != 0 {
		s = strings.Join(strings.Fields(fmt.Sprintf("%s %d %s", s, r.Code, r.Enhanced)), " ") + " " + r.Text
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
		return protocol.Reply{}, notVerdict(stage, v)
	}
	switch {
	case r.Verdict == protocol.Skip && stage != protocol.StageBody:
		return protocol.Reply{}, fmt.Errorf("%s returned skip, which works only in body", stage)
	case r.Verdict == protocol.Discard && (stage == protocol.StageConnect || stage == protocol.StageHelo):
		return protocol.Reply{}, fmt.Errorf("%s returned discard, which MTAs ignore before mail", stage)
	case r.Verdict == protocol.Discard && stage == protocol.StageUnknown:
		return protocol.Reply{}, errors.New("unknown returned discard, but an unknown command is no message")
	case r.Verdict != protocol.Continue && !takesVerdict(stage):
		return protocol.Reply{}, fmt.Errorf("%s returned %s, but nobody waits for a verdict there", stage, r.Verdict)
	}
	return *r, nil
}

func notVerdict(stage protocol.Stage, v lua.LValue) error {
	const forms = "a hook returns nothing or a verdict: continue, accept, reject, tempfail, discard or skip"
	if s, ok := v.(lua.LString); ok {
		for _, r := range plainVerdicts {
			if strings.EqualFold(string(s), r.Verdict.String()) {
				return fmt.Errorf("%s returned the text %q; return %s, without quotes", stage, string(s), r.Verdict)
			}
		}
	}
	return fmt.Errorf("%s returned %s; %s", stage, kindOf(v), forms)
}

// takesVerdict reports whether an MTA can be answered at the stage.
func takesVerdict(s protocol.Stage) bool {
	return s != protocol.StageNegotiate && s != protocol.StageAbort && s != protocol.StageClose
}
