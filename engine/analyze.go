package engine

import (
	"fmt"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// actionNeed is what calling an action of msg needs.
type actionNeed struct {
	name       string
	actions    protocol.Actions
	headers    bool // the fields must be known, to find the one that is meant and to say whether it was there
	recipients bool
}

var actionNeeds = []actionNeed{
	{name: "add_header", actions: protocol.ActAddHeader},
	{name: "insert_header", actions: protocol.ActAddHeader, headers: true},
	{name: "change_header", actions: protocol.ActAddHeader | protocol.ActChgHeader, headers: true},
	{name: "delete_header", actions: protocol.ActChgHeader, headers: true},
	{name: "change_sender", actions: protocol.ActChgFrom},
	{name: "add_recipient", actions: protocol.ActAddRcpt, recipients: true},
	{name: "delete_recipient", actions: protocol.ActDelRcpt, recipients: true},
	{name: "replace_body", actions: protocol.ActChgBody},
	{name: "quarantine", actions: protocol.ActQuarantine},
}

// analyze derives what a script needs from its hooks and from the names in its text. It errs on the safe side: a name that is
// mentioned anywhere counts, and an access that the text does not spell out counts as all.
func analyze(s *Script, v *vm) Needs {
	a := analysis{script: s, vm: v}
	a.hooks()
	a.facts()
	a.actions()
	a.reading()
	a.macros()
	a.message()
	return a.Needs
}

type analysis struct {
	Needs
	script *Script
	vm     *vm // with the script loaded
}

// because names a place in the script as a reason.
func (a *analysis) because(what string, line int) string {
	if line == 0 {
		return fmt.Sprintf("%s in %s", what, a.script.Name)
	}
	return fmt.Sprintf("%s at %s:%d", what, a.script.Path, line)
}

func (a *analysis) hooks() {
	for _, line := range a.script.Lint.Computed() {
		a.Computed = append(a.Computed, a.because("computed access", line))
	}
	for _, p := range a.script.Lint.Passed() {
		if p.Module == "" {
			a.Computed = append(a.Computed, a.because("conn or msg handed on", p.Line))
		}
	}
	for s, fn := range a.vm.hooks {
		stage := protocol.Stage(s)
		if fn == nil {
			continue
		}
		line := 0
		if !fn.IsG {
			line = fn.Proto.LineDefined
		}
		a.Hooks[s] = a.because("hook "+stage.String(), line)
		if stage.NoStep() == 0 && stage != protocol.StageEOM {
			continue
		}
		a.event(stage, a.Hooks[s])
		if mayReply(fn) {
			a.reply(stage, a.because(stage.String()+" may return a verdict,", line))
		}
	}
}

// facts asks for the events and macros behind the facts of conn that the script mentions.
func (a *analysis) facts() {
	for _, f := range luaapi.Facts() {
		line, ok := a.mentions(f.Name)
		if !ok {
			continue
		}
		why := a.because("conn."+f.Name, line)
		if f.Needs != protocol.StageNegotiate {
			a.event(f.Needs, why)
		}
		if f.Name == "recipients" {
			a.Recipients = append(a.Recipients, why)
		}
		for _, m := range f.Macros {
			a.macro(m, why)
		}
	}
}

// mentions returns the first line where a name is used as a key or method, or reports the computed access that may be it.
func (a *analysis) mentions(name string) (line int, ok bool) {
	if lines := a.script.Lint.Lines(name); len(lines) > 0 {
		return lines[0], true
	}
	return 0, len(a.Computed) > 0
}

func (a *analysis) actions() {
	a.Actions, a.Optional = map[protocol.Actions][]string{}, map[protocol.Actions][]string{}
	for _, n := range actionNeeds {
		lines := a.script.Lint.Lines(n.name)
		line, ok := a.mentions(n.name)
		if !ok {
			continue
		}
		why := a.because(n.name, line)
		need := a.Actions
		if len(lines) == 0 { // only a computed access: it may never be called
			need = a.Optional
		}
		for bit := protocol.Actions(1); bit <= protocol.AllActions; bit <<= 1 {
			if n.actions&bit != 0 {
				need[bit] = append(need[bit], why)
			}
		}
		if n.headers {
			a.Headers = append(a.Headers, why)
		}
		if n.recipients {
			a.Recipients = append(a.Recipients, why)
		}
	}
	a.recipientParams()
}

// recipientParams asks for recipients with ESMTP parameters only where add_recipient is called with any.
func (a *analysis) recipientParams() {
	line, ok := a.mentions("add_recipient")
	if !ok {
		return
	}
	calls := a.script.Lint.Calls("add_recipient")
	if len(calls) == 0 {
		a.Optional[protocol.ActAddRcptPar] = append(a.Optional[protocol.ActAddRcptPar], a.because("add_recipient", line))
	}
	for _, c := range calls {
		switch why := a.because("add_recipient with parameters", c.Line); {
		case c.Args >= 2:
			a.Actions[protocol.ActAddRcptPar] = append(a.Actions[protocol.ActAddRcptPar], why)
		case c.Open:
			a.Optional[protocol.ActAddRcptPar] = append(a.Optional[protocol.ActAddRcptPar], why)
		}
	}
}

// reading asks for the parts of the message that msg and headers show.
func (a *analysis) reading() {
	for _, name := range []string{"headers", "header"} {
		if line, ok := a.mentions(name); ok {
			a.Headers = append(a.Headers, a.because("msg."+name, line))
		}
	}
	if fn := a.vm.hooks[protocol.StageEOH]; fn != nil && takes(fn, 2) {
		a.Headers = append(a.Headers, a.Hooks[protocol.StageEOH]+" takes headers")
	}
	if line, ok := a.mentions("body"); ok {
		a.Body = append(a.Body, a.because("msg.body", line))
	}
	if line, ok := a.mentions("raw"); ok {
		a.Raw = append(a.Raw, a.because("raw", line))
	}
	a.Skip = len(a.script.Lint.GlobalLines("skip")) > 0
	for _, need := range []struct {
		why   []string
		stage protocol.Stage
	}{{a.Headers, protocol.StageHeader}, {a.Body, protocol.StageBody}, {a.Recipients, protocol.StageRcpt}} {
		for _, why := range need.why {
			a.event(need.stage, why)
		}
	}
}

// macros asks for the macros that the script names and that MTAs do not send by themselves.
func (a *analysis) macros() {
	names, computed := a.script.Lint.Macros()
	for name, lines := range names {
		a.macro(name, a.because("conn.macros."+name, lines[0]))
	}
	for _, line := range computed {
		a.AnyMacro = append(a.AnyMacro, a.because("conn.macros with a computed name", line))
	}
}

func (a *analysis) macro(name, why string) {
	if name == "all" || !mustRequest(name) {
		return
	}
	if a.Macros == nil {
		a.Macros = map[string][]string{}
	}
	a.Macros[name] = append(a.Macros[name], why)
}

// message asks for MAIL, where a message's data begins, if there is anything per message. The end of the message is always sent.
func (a *analysis) message() {
	for s := range a.Events {
		stage := protocol.Stage(s)
		if stage == protocol.StageMail || len(a.Events[s]) == 0 {
			continue
		}
		if stage.InMessage() {
			a.event(protocol.StageMail, "a message's data begins there")
			return
		}
	}
	if a.vm.hooks[protocol.StageAbort] != nil {
		a.event(protocol.StageMail, a.Hooks[protocol.StageAbort])
	}
}

// API returns what scripts can use, for the checks of lint.
func API() lint.API {
	api := lint.API{Members: luaapi.GlobalNames()}
	for name := range api.Members {
		api.Globals = append(api.Globals, name)
	}
	for s := range protocol.Stage(protocol.NumStages) {
		api.Hooks = append(api.Hooks, s.String())
	}
	for _, n := range actionNeeds {
		api.Actions = append(api.Actions, n.name)
	}
	api.Actions = append(api.Actions, "progress")
	for _, m := range luaapi.Modules() {
		switch m.Kind {
		case luaapi.Library, luaapi.Require:
			api.Modules = append(api.Modules, m.Name)
		case luaapi.Object:
			for _, f := range m.Funcs {
				api.Methods = append(api.Methods, f.Name)
			}
			for _, f := range m.Fields {
				api.Methods = append(api.Methods, f.Name)
			}
		}
	}
	return api
}
