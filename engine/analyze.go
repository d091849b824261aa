package engine

import (
	"fmt"
	"slices"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// actionNeed is what calling an action of msg needs.
type actionNeed struct {
	name       string
	actions    protocol.Actions
	headers    bool // the fields must be known, to find the one that is meant and to say whether it was there
	body       bool
	recipients bool
	with       string // another name that must be mentioned too, "" for none: its own is a common one
}

var actionNeeds = []actionNeed{
	{name: "add_header", actions: protocol.ActAddHeader},
	{name: "insert_header", actions: protocol.ActAddHeader, headers: true},
	{name: "prepend_header", actions: protocol.ActAddHeader},
	{name: "set_header", actions: protocol.ActAddHeader | protocol.ActChgHeader, headers: true},
	{name: "prefix_subject", actions: protocol.ActAddHeader | protocol.ActChgHeader, headers: true},
	{name: "change_header", actions: protocol.ActAddHeader | protocol.ActChgHeader, headers: true},
	{name: "delete_header", actions: protocol.ActChgHeader, headers: true},
	{name: "change", actions: protocol.ActChgHeader, headers: true, with: "headers"},
	{name: "delete", actions: protocol.ActChgHeader, headers: true, with: "headers"},
	{name: "change_sender", actions: protocol.ActChgFrom},
	{name: "add_recipient", actions: protocol.ActAddRcpt, recipients: true},
	{name: "delete_recipient", actions: protocol.ActDelRcpt, recipients: true},
	{name: "replace_body", actions: protocol.ActChgBody},
	{name: "add_footer", actions: bodyEdit, headers: true, body: true},
	{name: "add_banner", actions: bodyEdit, headers: true, body: true},
	{name: "remove_part", actions: bodyEdit, headers: true, body: true},
	{name: "replace_part", actions: bodyEdit, headers: true, body: true},
	{name: "quarantine", actions: protocol.ActQuarantine},
}

// bodyEdit is what an edit in one place of the body needs: the body, and the fields that say how it is encoded.
const bodyEdit = protocol.ActChgBody | protocol.ActAddHeader | protocol.ActChgHeader

// analyze derives what a script needs from its hooks and from the names in its text. It errs on the safe side: a name that is
// mentioned anywhere counts, and an access that the text does not spell out counts as all.
func analyze(s *Script, v *vm) Needs {
	a := analysis{script: s, vm: v}
	a.computed()
	a.modules()
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

// spot is a line of a script or a module; the zero spot is somewhere in the script.
type spot struct {
	file *File
	line int
}

// because names a place as a reason.
func (a *analysis) because(what string, at spot) string {
	if at.file == nil {
		return fmt.Sprintf("%s in %s", what, a.script.Name)
	}
	return fmt.Sprintf("%s at %s:%d", what, at.file.Path, at.line)
}

// spots collects the lines that a question has in the script and its modules.
func (a *analysis) spots(ask func(*lint.Source) []int) []spot {
	var out []spot
	for f := range a.script.all() {
		for _, line := range ask(f.Lint) {
			out = append(out, spot{f, line})
		}
	}
	return out
}

// computed takes down where the text does not tell what is used. It follows conn and its kin from file to file: in a module that never
// gets them nothing of the kind counts, and handing them to a module whose text is known is no secret.
func (a *analysis) computed() {
	reached := map[string]bool{}
	files := []*File{a.script.File}
	for _, m := range a.script.Modules {
		if m.Lint.TakesData() {
			reached[m.Name] = true
			files = append(files, m.File)
		}
	}
	for len(files) > 0 {
		f := files[0]
		files = files[1:]
		for _, line := range f.Lint.Computed() {
			a.Computed = append(a.Computed, a.because("computed access", spot{f, line}))
		}
		for _, p := range f.Lint.Passed() {
			if p.Module == "" {
				a.Computed = append(a.Computed, a.because("conn or msg handed on", spot{f, p.Line}))
				continue
			}
			if m := a.script.module(p.Module); m != nil && !reached[p.Module] {
				reached[p.Module] = true
				files = append(files, m)
			}
		}
	}
}

// modules takes down where a module is required under a name that the text does not tell.
func (a *analysis) modules() {
	for f := range a.script.all() {
		for _, r := range f.Lint.Requires() {
			if r.Name == "" {
				a.AnyModule = append(a.AnyModule, a.because("require with a computed name", spot{f, r.Line}))
			}
			a.reads(r.Name, spot{f, r.Line})
		}
	}
}

func (a *analysis) hooks() {
	for s, fn := range a.vm.hooks {
		stage := protocol.Stage(s)
		if fn == nil {
			continue
		}
		file, line := a.script.definition(fn)
		at := spot{file, line}
		a.Hooks[s] = a.because("hook "+stage.String(), at)
		if stage.NoStep() == 0 && stage != protocol.StageEOM {
			continue
		}
		a.event(stage, a.Hooks[s])
		if mayReply(fn) {
			a.reply(stage, a.because(stage.String()+" may return a verdict,", at))
		}
	}
}

// factsRead are the facts that built-in modules read of the conn that they are given.
var factsRead = map[string][]string{"greylist": {"ip", "host", "auth"}}

// facts asks for the events and macros behind the facts of conn that the script mentions, or that a module reads.
func (a *analysis) facts() {
	for _, f := range luaapi.Facts() {
		at, ok := a.mentions(f.Name)
		if !ok {
			at, ok = a.readByModule(f.Name)
		}
		if !ok {
			continue
		}
		why := a.because("conn."+f.Name, at)
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

// readByModule returns the first place where a built-in module is required that reads a fact.
func (a *analysis) readByModule(fact string) (at spot, ok bool) {
	for f := range a.script.all() {
		for _, r := range f.Lint.Requires() {
			if slices.Contains(factsRead[r.Name], fact) {
				return spot{f, r.Line}, true
			}
		}
	}
	return spot{}, false
}

// mentions returns the first place where a name is used as a key or method, or reports the computed access that may be it.
func (a *analysis) mentions(name string) (at spot, ok bool) {
	if spots := a.named(name); len(spots) > 0 {
		return spots[0], true
	}
	return spot{}, len(a.Computed) > 0
}

// mentioned is mentions without the place.
func (a *analysis) mentioned(name string) bool {
	_, ok := a.mentions(name)
	return ok
}

// named returns the places where a name is used as a key or method.
func (a *analysis) named(name string) []spot {
	return a.spots(func(s *lint.Source) []int { return s.Lines(name) })
}

func (a *analysis) actions() {
	a.Actions, a.Optional = map[protocol.Actions][]string{}, map[protocol.Actions][]string{}
	for _, n := range actionNeeds {
		at, ok := a.mentions(n.name)
		if !ok || n.with != "" && !a.mentioned(n.with) {
			continue
		}
		why := a.because(n.name, at)
		need := a.Actions
		if at.file == nil { // only a computed access: it may never be called
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
		if n.body {
			a.Body = append(a.Body, why)
		}
		if n.recipients {
			a.Recipients = append(a.Recipients, why)
		}
	}
	a.recipientParams()
}

// recipientParams asks for recipients with ESMTP parameters only where add_recipient is called with any.
func (a *analysis) recipientParams() {
	at, ok := a.mentions("add_recipient")
	if !ok {
		return
	}
	calls := 0
	for f := range a.script.all() {
		for _, c := range f.Lint.Calls("add_recipient") {
			calls++
			switch why := a.because("add_recipient with parameters", spot{f, c.Line}); {
			case c.Args >= 2:
				a.Actions[protocol.ActAddRcptPar] = append(a.Actions[protocol.ActAddRcptPar], why)
			case c.Open:
				a.Optional[protocol.ActAddRcptPar] = append(a.Optional[protocol.ActAddRcptPar], why)
			}
		}
	}
	if calls == 0 {
		a.Optional[protocol.ActAddRcptPar] = append(a.Optional[protocol.ActAddRcptPar], a.because("add_recipient", at))
	}
}

// reading asks for the parts of the message that msg and headers show.
func (a *analysis) reading() {
	for _, name := range []string{"headers", "header"} {
		if at, ok := a.mentions(name); ok {
			a.Headers = append(a.Headers, a.because("msg."+name, at))
		}
	}
	if fn := a.vm.hooks[protocol.StageEOH]; fn != nil && takes(fn, 2) {
		a.Headers = append(a.Headers, a.Hooks[protocol.StageEOH]+" takes headers")
	}
	if at, ok := a.mentions("body"); ok {
		a.Body = append(a.Body, a.because("msg.body", at))
	}
	a.parts()
	if at, ok := a.mentions("raw"); ok {
		a.Raw = append(a.Raw, a.because("raw", at))
	}
	a.Skip = len(a.spots(func(s *lint.Source) []int { return s.GlobalLines("skip") })) > 0
	for _, need := range []struct {
		why   []string
		stage protocol.Stage
	}{{a.Headers, protocol.StageHeader}, {a.Body, protocol.StageBody}, {a.Recipients, protocol.StageRcpt}} {
		for _, why := range need.why {
			a.event(need.stage, why)
		}
	}
}

// parts asks for header and body where the message is taken apart. The names of the methods are common ones, so that only calls without
// arguments count, as these are.
func (a *analysis) parts() {
	for _, name := range []string{"parts", "attachments", "is_signed", "is_encrypted"} {
		if at, ok := a.mentions(name); ok {
			why := a.because("msg."+name, at)
			a.Headers, a.Body = append(a.Headers, why), append(a.Body, why)
		}
	}
	for _, name := range []string{"text", "html"} {
		for f := range a.script.all() {
			for _, c := range f.Lint.Calls(name) {
				if c.Args == 0 && !c.Open {
					why := a.because("msg:"+name+"()", spot{f, c.Line})
					a.Headers, a.Body = append(a.Headers, why), append(a.Body, why)
				}
			}
		}
	}
}

// macros asks for the macros that the script names and that MTAs do not send by themselves.
func (a *analysis) macros() {
	for f := range a.script.all() {
		names, computed := f.Lint.Macros()
		for name, lines := range names {
			a.macro(name, a.because("conn.macros."+name, spot{f, lines[0]}))
		}
		for _, line := range computed {
			a.AnyMacro = append(a.AnyMacro, a.because("conn.macros with a computed name", spot{f, line}))
		}
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
