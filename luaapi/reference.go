package luaapi

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"luamilter/protocol"
)

// WriteReference writes the reference of everything scripts can use, in Markdown.
func WriteReference(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "# Reference\n\nMade from the functions' own entries by `luamilter docs`.\n\n")
	writeHooks(out)
	for _, m := range Modules() {
		m.write(out)
	}
	return out.Flush()
}

// hookArguments are what hooks get after conn.
var hookArguments = [protocol.NumStages]struct{ args, doc, source string }{
	protocol.StageNegotiate: {"neg", "Once for each connection of the MTA; rarely needed. It gets neg instead of conn.", "xxfi_negotiate"},
	protocol.StageConnect:   {"conn", "A client connected.", "xxfi_connect"},
	protocol.StageHelo:      {"conn, name", "HELO or EHLO; again after STARTTLS.", "xxfi_helo"},
	protocol.StageMail:      {"conn, sender, params", "MAIL FROM. The address is without brackets, \"\" for the null sender; params has the ESMTP parameters in order as sent (params[1] == \"SIZE=123\") and by upper-case name (params.SIZE == \"123\", true without a value).", "xxfi_envfrom"},
	protocol.StageRcpt:      {"conn, recipient, params", "Each RCPT TO; arguments as for mail.", "xxfi_envrcpt"},
	protocol.StageData:      {"conn", "DATA.", "xxfi_data"},
	protocol.StageHeader:    {"conn, name, value", "Each header field. The value has the bytes that the MTA sends: folds are LF and blanks.", "xxfi_header"},
	protocol.StageEOH:       {"conn, headers", "The header is complete.", "xxfi_eoh"},
	protocol.StageBody:      {"conn, chunk", "Each chunk of the body, cut anywhere; lines end in CRLF.", "xxfi_body"},
	protocol.StageEOM:       {"conn, msg", "The message is complete: the only hook that can change it.", "xxfi_eom"},
	protocol.StageAbort:     {"conn", "The message was given up. Not called for a script that accepted or refused it.", "xxfi_abort"},
	protocol.StageClose:     {"conn", "The connection ended: always, exactly once.", "xxfi_close"},
	protocol.StageUnknown:   {"conn, command", "An unknown SMTP command.", "xxfi_unknown"},
}

func writeHooks(w io.Writer) {
	fmt.Fprint(w, "## Hooks\n\nA script defines functions of these names. What they return is the verdict.\n\n| hook | called | source |\n|---|---|---|\n")
	for s, h := range hookArguments {
		fmt.Fprintf(w, "| `%s(%s)` | %s | mfapi.h: %s |\n", protocol.Stage(s), h.args, h.doc, h.source)
	}
	fmt.Fprintln(w)
}

// write writes one module.
func (m *Module) write(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", m.Name, m.Doc)
	if m.Kind == Require {
		fmt.Fprintf(w, "    local %s = require %q\n\n", m.Name, m.Name)
	}
	for _, p := range m.Fields {
		fmt.Fprintf(w, "- **`%s.%s`** (%s): %s%s\n", m.Name, p.Name, plainType(p.Type), p.Doc, source(p.Source))
	}
	if len(m.Fields) > 0 {
		fmt.Fprintln(w)
	}
	for i := range m.Funcs {
		m.Funcs[i].write(w, m)
	}
}

func (f *Func) write(w io.Writer, m *Module) {
	prefix := ""
	switch m.Kind {
	case Object:
		prefix = m.Name + ":"
	case Library, Require:
		prefix = m.Name + "."
	}
	fmt.Fprintf(w, "### `%s`\n\n%s", f.Signature(prefix), f.Doc)
	if f.Stages != "" {
		fmt.Fprintf(w, " Works in: %s.", strings.ReplaceAll(f.Stages, " ", ", "))
	}
	fmt.Fprintf(w, "%s\n\n", source(f.Source))
	for _, p := range f.Parameters() {
		fmt.Fprintf(w, "- `%s`: %s\n", p.Name, optionalType(p.Type, p.Optional))
	}
	if f.Result != "" {
		fmt.Fprintf(w, "- returns: %s\n", plainType(f.Result))
	}
	if f.Params != "" || f.Result != "" {
		fmt.Fprintln(w)
	}
}

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
