package luaapi

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"luamilter/protocol"
)

const introduction = `# Reference

Everything that a script can use, made from the functions' own entries by ` + "`luamilter docs`" + `. The libraries of Lua come late, from [base](#base) on: those of Lua
5.1 and some of later ones, without what reaches files or programs. What only files of tests have comes last, from [test](#test) on. What is
not here is Lua's syntax.

How to read it:

- ` + "`object:name(a, [b])`" + ` is a method and called with a colon; ` + "`module.name(a)`" + ` is called with a dot; a name alone is a global. An argument in brackets may be missing.
- Types are those of Lua; ` + "`integer`" + ` is a whole number, ` + "`string[]`" + ` an array of strings, counting from 1. Where a string is wanted, a number is taken as one.
- Strings are bytes: what the MTA sends arrives as it is, whatever its charset. Times are in seconds, sizes in bytes.
- A missing argument, or one of the wrong type, is an error that names the function and the argument. What else is an error stands with the function. An error ends the hook, is logged with
  its line, and the MTA gets the verdict that is configured for errors, by default ` + "`tempfail`" + `.
- What works in some hooks only says so, and raises an error in the others.
- Examples that are no whole hooks stand in ` + "`eom(conn, msg)`" + `, with ` + "`headers` for `msg.headers`, `body` for `msg.body`, `field` for the Subject and `part` for the first attachment" + `. They are about the [message at the end](#the-message-of-the-examples),
  which ` + "`sales@example.com`" + ` sends to two recipients; those of tests are about the [script](#the-script-of-the-examples-of-tests) behind it. What a line gives stands behind ` + "`-->`" + `; all of them are run as tests.
- Where it comes from stands last: a section of an RFC, or the function of libmilter (mfapi.h, mfdef.h) that does the same.

`

// WriteReference writes the reference of everything scripts can use, in Markdown, and of more modules behind it.
func WriteReference(w io.Writer, more ...Module) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, introduction)
	writeHooks(out)
	for _, m := range append(Modules(), more...) {
		m.write(out)
	}
	fmt.Fprintf(out, "## The message of the examples\n\n```\n%s```\n", ExampleMessage())
	if len(more) > 0 {
		fmt.Fprintf(out, "\n## The script of the examples of tests\n\n```lua\n%s```\n", ExampleScript())
	}
	return out.Flush()
}

// hookArguments are what hooks get.
var hookArguments = [protocol.NumStages]struct{ args, doc, source string }{
	protocol.StageNegotiate: {"neg", "Once for each connection of the MTA; rarely needed. It gets `neg` instead of `conn`.", "xxfi_negotiate"},
	protocol.StageConnect:   {"conn", "A client connected.", "xxfi_connect"},
	protocol.StageHelo:      {"conn, name", "HELO or EHLO, with its argument; again after STARTTLS.", "xxfi_helo"},
	protocol.StageMail:      {"conn, sender, params", "MAIL FROM. The address is without brackets, `\"\"` for the null sender. `params` has the ESMTP parameters in order as sent (`params[1] == \"SIZE=123\"`) and by upper-case name (`params.SIZE == \"123\"`, `true` without a value).", "xxfi_envfrom"},
	protocol.StageRcpt:      {"conn, recipient, params", "Each RCPT TO; arguments as for `mail`.", "xxfi_envrcpt"},
	protocol.StageData:      {"conn", "DATA.", "xxfi_data"},
	protocol.StageHeader:    {"conn, name, value", "Each header field. The value has the bytes that the MTA sends: without the one blank after the colon, folds are LF and blanks.", "xxfi_header"},
	protocol.StageEOH:       {"conn, headers", "The header is complete.", "xxfi_eoh"},
	protocol.StageBody:      {"conn, chunk", "Each chunk of the body, up to 64 KiB, cut anywhere, also between CR and LF. An empty body has none.", "xxfi_body"},
	protocol.StageEOM:       {"conn, msg", "The message is complete: the only hook that can change it.", "xxfi_eom"},
	protocol.StageAbort:     {"conn", "The message was given up, by the client or another filter; `conn` is still that of the message. Not called for a script that accepted or refused it.", "xxfi_abort"},
	protocol.StageClose:     {"conn", "The connection ended: always, exactly once.", "xxfi_close"},
	protocol.StageUnknown:   {"conn, command", "An unknown SMTP command: Postfix gives its first word, Sendmail the line.", "xxfi_unknown"},
}

func writeHooks(w io.Writer) {
	fmt.Fprint(w, "## Hooks\n\nA script is a file of functions with these names, as many of them as it needs, each called at its moment in the SMTP conversation. What they return is the [verdict](#verdict).\n\n| hook | called | source |\n|---|---|---|\n")
	for s, h := range hookArguments {
		fmt.Fprintf(w, "| `%s(%s)` | %s | mfapi.h: %s |\n", protocol.Stage(s), h.args, h.doc, h.source)
	}
	fmt.Fprintln(w)
	for _, e := range Examples(hooksName) {
		if s, ok := protocol.StageNamed(e.Name); ok {
			fmt.Fprintf(w, "### `%s(%s)`\n\n", s, hookArguments[s].args)
			writeExample(w, e.Text)
		}
	}
}

// writeHook writes what there is about one hook.
func writeHook(w io.Writer, s protocol.Stage) {
	h := hookArguments[s]
	fmt.Fprintf(w, "### `%s(%s)`\n\nA hook. %s%s\n\n", s, h.args, h.doc, source("mfapi.h: "+h.source))
	writeExample(w, example(Examples(hooksName), s.String()))
}

func writeExample(w io.Writer, text string) {
	if text != "" {
		fmt.Fprintf(w, "```lua\n%s```\n\n", text)
	}
}

// write writes one module.
func (m *Module) write(w io.Writer) {
	m.writeHead(w)
	examples := Examples(m.Name)
	for i := range m.Fields {
		m.writeField(w, &m.Fields[i])
	}
	if len(m.Fields) > 0 {
		fmt.Fprintln(w)
	}
	var ofFields []string
	for _, e := range examples {
		if slices.ContainsFunc(m.Fields, func(p Property) bool { return p.Name == e.Name }) {
			ofFields = append(ofFields, e.Text)
		}
	}
	writeExample(w, strings.Join(ofFields, "\n"))
	for i := range m.Funcs {
		m.Funcs[i].write(w, m, example(examples, m.Funcs[i].Name))
	}
}

// writeHead writes what a module is, and how scripts reach it.
func (m *Module) writeHead(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", m.Name, m.Doc)
	switch m.Kind {
	case Require:
		fmt.Fprintf(w, "    local %s = require %q\n\n", m.Name, m.Name)
	case Globals:
		fmt.Fprintf(w, "These are globals.\n\n")
	case Library:
		fmt.Fprintf(w, "No `require` is needed.\n\n")
	}
}

// writeField writes one field, an item of a list.
func (m *Module) writeField(w io.Writer, p *Property) {
	fmt.Fprintf(w, "- **`%s`** (%s): %s%s\n", m.fieldName(p), plainType(p.Type), p.Doc, source(p.Source))
}

func (m *Module) fieldName(p *Property) string {
	if m.Kind == Globals {
		return p.Name
	}
	return m.Name + "." + p.Name
}

// write writes one function: what it does, then a list of arguments, result, stages and errors, and an example.
func (f *Func) write(w io.Writer, m *Module, example string) {
	fmt.Fprintf(w, "### `%s`\n\n%s%s\n\n", m.spelling(f), f.Doc, source(f.Source))
	var results []string
	if !m.isValue(f) {
		for _, r := range f.Results() {
			results = append(results, plainType(r))
		}
	}
	for _, p := range f.Parameters() {
		fmt.Fprintf(w, "- `%s`: %s\n", p.Name, optionalType(p.Type, p.Optional))
	}
	if len(results) > 0 {
		fmt.Fprintf(w, "- returns: %s\n", strings.Join(results, ", "))
	}
	if f.Stages != "" {
		fmt.Fprintf(w, "- works in: %s\n", strings.ReplaceAll(f.Stages, " ", ", "))
	}
	if f.Errors != "" {
		fmt.Fprintf(w, "- errors: %s\n", f.Errors)
	}
	if f.Params+f.Stages+f.Errors != "" || len(results) > 0 {
		fmt.Fprintln(w)
	}
	writeExample(w, example)
}

// spelling is how a script writes the function. A verdict is a value; only those that take a reply are called.
func (m *Module) spelling(f *Func) string {
	switch {
	case m.Kind == Object:
		return f.Signature(m.Name + ":")
	case m.Kind == Library || m.Kind == Require:
		return f.Signature(m.Name + ".")
	case m.isValue(f):
		return f.Name
	}
	return f.Signature("")
}

// isValue reports whether an entry is a verdict that is only named, not called.
func (m *Module) isValue(f *Func) bool { return f.Bind == nil && f.Params == "" }

func plainType(t string) string {
	return optionalType(strings.TrimSuffix(t, "?"), strings.HasSuffix(t, "?"))
}

func optionalType(t string, optional bool) string {
	if of, is := strings.CutPrefix(t, "iterator<"); is {
		t = "iterator of " + strings.TrimSuffix(of, ">")
	}
	t = strings.ReplaceAll(t, "|", " or ")
	if optional {
		return t + " or nil"
	}
	return t
}

func source(s string) string {
	if s == "" {
		return ""
	}
	return " *(" + s + ")*"
}

// HookParams returns the names of what a hook is given.
func HookParams(s protocol.Stage) []string { return strings.Split(hookArguments[s].args, ", ") }
