package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

var negotiationModule = Module{
	"neg", Object,
	"The negotiation, the only argument of the `negotiate` hook, which is called once for each connection of the MTA. It begins with what the scripts need; most never look at it. Where several scripts have the hook, each goes on " +
		"with what the earlier ones left; a hook that raises an error changes nothing.",
	[]Property{{"offered", "offered", "What the MTA offers: a record with `version`, `actions` and `protocol`, the words of SMFIC_OPTNEG as numbers.", "mfapi.h: xxfi_negotiate"}},
	[]Func{
		{"request_macros", "stage: string, names: string[]", "", "negotiate", "Asks for exactly the macros `names` at a `stage` (`connect helo mail rcpt data eoh eom`), with or without braces, instead of the MTA's own list and of what the scripts need there.", "There is no such stage, or no such name is possible; more than 50 names.", "mfapi.h: smfi_setsymlist", (*Env).bindRequestMacros},
		{"request_rejected", "", "", "negotiate", "Asks for recipients that the MTA itself refuses; `rcpt` sees them with `conn.rejected`. Postfix only.", "", "mfdef.h: SMFIP_RCPT_REJ", (*Env).bindRequestRejected},
		{"reply", "stage: string, wanted: boolean", "", "negotiate", "Says with `wanted` whether the MTA shall wait for a reply to a `stage` (`connect helo mail rcpt data header eoh body unknown`). Where it does not wait, a verdict is held until the next reply. At `eom` it always waits.", "There is no such stage.", "mfdef.h: SMFIP_NR_*", (*Env).bindReply},
		{"leading_space", "wanted: boolean", "", "negotiate", "Says with `wanted` whether header values shall come byte for byte as after the colon, which `field.raw` then shows.", "", "mfdef.h: SMFIP_HDR_LEADSPC", (*Env).bindLeadingSpace},
	},
}

// openNegotiation makes the metatable of neg.
func (e *Env) openNegotiation() {
	methods := negotiationModule.methods(e)
	e.negotiationMeta = e.metatable("neg", map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			if L.Get(2) == lua.LString("offered") {
				o := e.negotiation(L, "neg.offered").Offer
				L.Push(e.record(&Offered{o.Version, uint32(o.Actions), uint32(o.Steps)}))
				return 1
			}
			L.Push(methods.RawGet(L.Get(2)))
			return 1
		},
		"__newindex": readOnly("neg", "its methods change what is negotiated"),
	})
}

// NewNegotiation returns the neg for one call of a negotiate hook.
func (e *Env) NewNegotiation() *lua.LUserData {
	return e.object(nil, once(&e.negotiationMeta, e.openNegotiation))
}

// negotiation returns the running call of a negotiate hook, or raises an error.
func (e *Env) negotiation(L *lua.LState, function string) *Call {
	c := e.current(L, function)
	if c.Want == nil {
		L.RaiseError("%s works only in negotiate, not in %s", function, c.Hook())
	}
	return c
}

// want returns what the method of neg is about to change.
func (e *Env) want(L *lua.LState, method string) *protocol.Want {
	c := e.negotiation(L, method)
	receiver(L, "neg", method)
	return c.Want
}

func (e *Env) bindRequestMacros() lua.LGFunction {
	return func(L *lua.LState) int {
		want, name := e.want(L, "request_macros"), text(L, "request_macros", 2, "the stage")
		stage, ok := protocol.StageNamed(name)
		if !ok {
			L.RaiseError("request_macros: %q: no such stage; the stages are connect helo mail rcpt data eoh eom", name)
		}
		list, ok := L.Get(3).(*lua.LTable)
		if !ok {
			L.RaiseError("request_macros: names is %s; an array of strings was expected", kindOf(L.Get(3)))
		}
		var names []string
		for i := 1; i <= list.Len(); i++ {
			macro, ok := list.RawGetInt(i).(lua.LString)
			if !ok {
				L.RaiseError("request_macros: item %d of names is %s; an array of strings was expected", i, kindOf(list.RawGetInt(i)))
			}
			names = append(names, string(macro))
		}
		orRaise(L, "request_macros", want.Macros.Request(stage, names))
		return 0
	}
}

func (e *Env) bindRequestRejected() lua.LGFunction {
	return func(L *lua.LState) int {
		want := e.want(L, "request_rejected")
		want.Extras |= protocol.RcptRejected
		want.Events = want.Events.With(protocol.StageRcpt)
		return 0
	}
}

func (e *Env) bindReply() lua.LGFunction {
	return func(L *lua.LState) int {
		want, name := e.want(L, "reply"), text(L, "reply", 2, "the stage")
		stage, ok := protocol.StageNamed(name)
		const stages = "the stages are connect helo mail rcpt data header eoh body unknown"
		if !ok {
			L.RaiseError("reply: %q: no such stage; %s", name, stages)
		}
		if stage.NRStep() == 0 {
			L.RaiseError("reply: there is no choice in %s; %s", name, stages)
		}
		if boolean(L, "reply", 3, "wanted") {
			want.Replies = want.Replies.With(stage)
		} else {
			want.Replies &^= protocol.Stages(0).With(stage)
		}
		return 0
	}
}

func (e *Env) bindLeadingSpace() lua.LGFunction {
	return func(L *lua.LState) int {
		want := e.want(L, "leading_space")
		want.Extras &^= protocol.LeadingSpace
		if boolean(L, "leading_space", 2, "wanted") {
			want.Extras |= protocol.LeadingSpace
		}
		return 0
	}
}
