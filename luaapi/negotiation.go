package luaapi

import (
	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"

	"luamilter/protocol"
)

var negotiationModule = Module{
	"neg", Object,
	"The negotiation, the only argument of the negotiate hook, which is called once for each connection of the MTA. It begins with what the scripts need; most never look at it.",
	[]Property{{"offered", "offered", "What the MTA offers: a record with version, actions and protocol, the words of SMFIC_OPTNEG as numbers.", "mfapi.h: xxfi_negotiate"}},
	[]Func{
		{"request_macros", "stage: string, names: string[]", "", "negotiate", "Asks for exactly these macros at a stage (connect helo mail rcpt data eoh eom), instead of the MTA's own list.", "mfapi.h: smfi_setsymlist", (*Env).bindRequestMacros},
		{"request_rejected", "", "", "negotiate", "Asks for recipients that the MTA itself refuses; rcpt sees them with conn.rejected.", "mfdef.h: SMFIP_RCPT_REJ", (*Env).bindRequestRejected},
		{"reply", "stage: string, wanted: boolean", "", "negotiate", "Says whether the MTA shall wait for a reply to a stage. Where it does not, a verdict is held until the next reply.", "mfdef.h: SMFIP_NR_*", (*Env).bindReply},
		{"leading_space", "wanted: boolean", "", "negotiate", "Asks for header values byte for byte after the colon, which field.raw then shows.", "mfdef.h: SMFIP_HDR_LEADSPC", (*Env).bindLeadingSpace},
	},
}

// Offered is neg.offered.
type Offered struct{ Version, Actions, Protocol uint32 }

func (e *Env) openNegotiation() {
	e.negotiationMethods = negotiationModule.methods(e)
	e.negotiationMeta = e.metatable("neg", map[string]lua.LGFunction{"__index": func(L *lua.LState) int {
		key := L.CheckString(2)
		if key == "offered" {
			o := e.negotiation("neg.offered").Offer
			L.Push(luar.New(L, &Offered{o.Version, uint32(o.Actions), uint32(o.Steps)}))
			return 1
		}
		L.Push(e.negotiationMethods.RawGetString(key))
		return 1
	}})
}

// NewNegotiation returns the neg for one call of a negotiate hook.
func (e *Env) NewNegotiation() *lua.LUserData { return e.object(nil, e.negotiationMeta) }

func (e *Env) negotiation(function string) *Call {
	c := e.current(function)
	if c.Want == nil {
		e.L.RaiseError("%s works only in negotiate, not in %s", function, c.Stage)
	}
	return c
}

func (e *Env) stageArgument(arg int) protocol.Stage {
	s, ok := protocol.StageNamed(e.L.CheckString(arg))
	if !ok || s.NRStep() == 0 && s != protocol.StageEOM {
		e.L.ArgError(arg, "no such stage; the stages are connect helo mail rcpt data header eoh body eom unknown")
	}
	return s
}

func (e *Env) bindRequestMacros() lua.LGFunction {
	return func(L *lua.LState) int {
		want := e.negotiation("request_macros").Want
		stage, list := e.stageArgument(2), L.CheckTable(3)
		var names []string
		list.ForEach(func(_, v lua.LValue) { names = append(names, v.String()) })
		e.orRaise("request_macros", want.Macros.Request(stage, names))
		return 0
	}
}

func (e *Env) bindRequestRejected() lua.LGFunction {
	return func(*lua.LState) int {
		want := e.negotiation("request_rejected").Want
		want.Extras |= protocol.RcptRejected
		want.Events = want.Events.With(protocol.StageRcpt)
		return 0
	}
}

func (e *Env) bindReply() lua.LGFunction {
	return func(L *lua.LState) int {
		want := e.negotiation("reply").Want
		stage := e.stageArgument(2)
		if L.CheckBool(3) {
			want.Replies = want.Replies.With(stage)
		} else {
			want.Replies &^= protocol.Stages(0).With(stage)
		}
		return 0
	}
}

func (e *Env) bindLeadingSpace() lua.LGFunction {
	return func(L *lua.LState) int {
		want := e.negotiation("leading_space").Want
		want.Extras &^= protocol.LeadingSpace
		if L.CheckBool(2) {
			want.Extras |= protocol.LeadingSpace
		}
		return 0
	}
}
