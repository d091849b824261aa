package luaapi

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"luamilter/protocol"
)

const introduction = `# Reference

Everything that a script can use, made from the functions' own entries by ` + "`luamilter docs`" + `. The libraries of Lua come last, from [base](#base) on: those of Lua
5.1 and some of later ones, without what reaches files or programs. What is not here is Lua's syntax.

How to read it:

- ` + "`object:name(a, [b])`" + ` is a method and called with a colon; ` + "`module.name(a)`" + ` is called with a dot; a name alone is a global. An argument in brackets may be missing.
- Types are those of Lua; ` + "`integer`" + ` is a whole number, ` + "`string[]`" + ` an array of strings, counting from 1. Where a string is wanted, a number is taken as one.
- Strings are bytes: what the MTA sends arrives as it is, whatever its charset. Times are in seconds, sizes in bytes.
- A missing argument, or one of the wrong type, is an error that names the function and the argument. What else is an error stands with the function. An error ends the hook, is logged with
  its line, and the MTA gets the verdict that is configured for errors, by default ` + "`tempfail`" + `.
- What works in some hooks only says so, and raises an error in the others.
- Where it comes from stands last: a section of an RFC, or the function of libmilter (mfapi.h, mfdef.h) that does the same.

`

// WriteReference writes the reference of everything scripts can use, in Markdown.
func WriteReference(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, introduction)
	writeHooks(out)
	for _, m := range Modules() {
		m.write(out)
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
}

// write writes one module.
func (m *Module) write(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", m.Name, m.Doc)
	switch m.Kind {
	case Require:
		fmt.Fprintf(w, "    local %s = require %q\n\n", m.Name, m.Name)
	case Globals:
		fmt.Fprintf(w, "These are globals.\n\n")
	case Library:
		fmt.Fprintf(w, "No `require` is needed.\n\n")
	}
	prefix := m.Name + "."
	if m.Kind == Globals {
		prefix = ""
	}
	for _, p := range m.Fields {
		fmt.Fprintf(w, "- **`%s%s`** (%s): %s%s\n", prefix, p.Name, plainType(p.Type), p.Doc, source(p.Source))
	}
	if len(m.Fields) > 0 {
		fmt.Fprintln(w)
	}
	for i := range m.Funcs {
		m.Funcs[i].write(w, m)
	}
}

// write writes one function: what it does, then a list of arguments, result, stages and errors.
func (f *Func) write(w io.Writer, m *Module) {
	fmt.Fprintf(w, "### `%s`\n\n%s%s\n\n", m.spelling(f), f.Doc, source(f.Source))
	result := f.Result
	if m.isValue(f) {
		result = ""
	}
	for _, p := range f.Parameters() {
		fmt.Fprintf(w, "- `%s`: %s\n", p.Name, optionalType(p.Type, p.Optional))
	}
	if result != "" {
		fmt.Fprintf(w, "- returns: %s\n", plainType(result))
	}
	if f.Stages != "" {
		fmt.Fprintf(w, "- works in: %s\n", strings.ReplaceAll(f.Stages, " ", ", "))
	}
	if f.Errors != "" {
		fmt.Fprintf(w, "- errors: %s\n", f.Errors)
	}
	if f.Params+result+f.Stages+f.Errors != "" {
		fmt.Fprintln(w)
	}
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
