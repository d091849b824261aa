package edit

import (
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// Replacement is a note in the place of a part.
type Replacement struct {
	Type     string // such as text/html; "" for text/plain
	Text     string // UTF-8; "" for no note
	Filename string // the note is then a file of that name
	Force    bool   // also if that breaks a signature
}

// RemovePart takes a part out, with its boundary, or puts a note in its place. All else stays as it is. If it is the only part of its multipart, the
// message itself or an attached message, which cannot be without, an empty note is put in its place. Parts in what is signed or encrypted
// stay; what is signed can be removed as a whole.
func RemovePart(m *mime.Message, p *mime.Part, r Replacement) (Edit, Reason) {
	if r.Type != "" && !isType(r.Type) {
		return Edit{}, BadType
	}
	if reason := fixedPart(m, p, r.Force); reason != "" {
		return Edit{}, reason
	}
	var e Edit
	if r.Text == "" && p.Parent != nil && p.Parent.IsMultipart() && len(p.Parent.Parts) > 1 {
		e.Splices = []Splice{{withBoundary(p), ""}}
		return e, ""
	}
	eol := eolAround(p)
	fields, content := r.fieldsOf(p, eol)
	if p.Parent == nil {
		if content != "" {
			content += eol
		}
		e.setFields(p, withDisposition(p, fields)...)
		e.replace(p.Source, p.Content, content)
		e.inOrder()
		return e, ""
	}
	var out strings.Builder
	for _, f := range fields {
		out.WriteString(f.Name + ": " + f.Value + eol)
	}
	c := contentOf(p, eol)
	e.endOuter(p)
	e.replace(p.Source, p.Whole(), c.unglued(out.String()+eol+content))
	return e, ""
}

// withBoundary is a part with the boundary before it. If only one of that and the next boundary has a line end before it, there is one less or one
// more to take, so that the next boundary has what this one had.
func withBoundary(p *mime.Part) mime.Range {
	out := mime.Range{Start: p.Boundary.Start, End: p.Content.End}
	line, n := cutLine(p.Boundary.Of(p.Source))
	next := mime.Range{Start: out.End, End: min(out.End+2, p.Source.Len())}.Of(p.Source)
	switch after, eol := cutLine(next); {
	case line == "" && isGlued(p):
		out.Start += int64(n)
	case line != "" && after == "":
		out.End += int64(eol)
	}
	return out
}

// Content is what a part gets.
type Content struct {
	Bytes string // without transfer encoding
	// Type is one such as application/pdf, which then is in the place of the old one and leaves its parameters; or with parameters of its own, such
	// as text/plain; charset=utf-8, which is taken whole; or "", and nothing changes.
	Type  string
	Force bool // also if that breaks a signature
}

// ReplacePart gives a part another content, in bytes, and another type unless that is "". The other fields of its header stay, such as
// its name, and the transfer encoding if it can be used for the content: else it becomes base64. Of the message itself it replaces the body.
// Nothing is encoded if the part is then a multipart or a message.
func ReplacePart(m *mime.Message, p *mime.Part, with Content) (Edit, Reason) {
	if main, _, _ := strings.Cut(with.Type, ";"); with.Type != "" && (!isType(strings.TrimSpace(main)) || strings.ContainsAny(with.Type, "\r\n\x00")) {
		return Edit{}, BadType
	}
	if reason := fixedPart(m, p, with.Force); reason != "" {
		return Edit{}, reason
	}
	var e Edit
	var fields []protocol.Field
	now := p
	if with.Type != "" {
		f := withType(p, with.Type)
		fields, now = append(fields, f), reread(f)
	}
	c := contentOf(p, eolAround(p))
	encoding, encoded := c.encodingFor(now, with.Bytes)
	if encoding != p.Encoding {
		fields = append(fields, protocol.Field{Name: "Content-Transfer-Encoding", Value: encoding})
	}
	e.setHeader(p, fields)
	if isGlued(p) && encoded != "" {
		encoded += c.rawEOL // its own last line end is content, and not that of the boundary
	}
	e.replace(p.Source, p.Content, encoded)
	e.inOrder()
	return e, ""
}

// contentOf is the content of a part that is replaced: as much of it as shows how it is written.
func contentOf(p *mime.Part, eol string) *content {
	return &content{part: p, raw: headAndTail(p), eol: eol, rawEOL: eol}
}

// headAndTail returns the first lines and the line end at the end.
func headAndTail(p *mime.Part) string {
	const head, tail = 4 * maxLine, len("\r\n")
	at := p.Content
	if at.Len() <= head+int64(tail) {
		return at.Of(p.Source)
	}
	return mime.Range{Start: at.Start, End: at.Start + head}.Of(p.Source) + mime.Range{Start: at.End - int64(tail), End: at.End}.Of(p.Source)
}

// completesHeader reports whether content would make a CRLF of the CR that the header ends with.
func completesHeader(p *mime.Part, s string) bool {
	at := p.Content.Start
	return strings.HasPrefix(s, "\n") && at > 0 && mime.Range{Start: at - 1, End: at}.Of(p.Source) == "\r"
}

// encodingFor returns content in the encoding of the part, or in another if that does not do.
func (c *content) encodingFor(now *mime.Part, s string) (encoding, encoded string) {
	p := c.part
	if now.IsMultipart() || now.IsMessage() {
		switch {
		case !c.isIdentity() && isASCII(s):
			return "7bit", s
		case !c.isIdentity() || p.Encoding == "7bit" && !isASCII(s):
			return "8bit", s
		}
		return p.Encoding, s
	}
	width, _ := base64Width(c.raw)
	end := c.raw[len(withoutEOL(c.raw)):] // a line end, if there was one
	switch p.Encoding {
	case "quoted-printable":
		return p.Encoding, quoted(s, c.rawEOL, !now.IsText())
	case "7bit", "8bit", "binary":
		if isLines(s) && (p.Encoding != "7bit" || isASCII(s)) && !hasLongLine(s) && !hasBoundary(p, s) && !completesHeader(p, s) {
			return p.Encoding, s
		}
	case "base64":
		return p.Encoding, base64Lines(s, 0, width, c.rawEOL) + end
	}
	return "base64", base64Lines(s, 0, 76, c.rawEOL) + end
}

// isLines reports whether bytes are lines as mail has them: no NUL, and CR and LF only together. A filter may see LF alone.
func isLines(s string) bool {
	rest := strings.ReplaceAll(s, "\r\n", "")
	return !strings.ContainsAny(rest, "\x00\r") && (len(rest) == len(s) || !strings.Contains(rest, "\n"))
}

// withType returns the field Content-Type with another type.
func withType(p *mime.Part, kind string) protocol.Field {
	out := protocol.Field{Name: "Content-Type", Value: kind}
	f := findField(p, out.Name)
	if f == nil || p.IsMultipart() || strings.Contains(kind, ";") {
		return out
	}
	if i := strings.IndexByte(f.Value, ';'); i >= 0 {
		out.Value = kind + f.Value[i:]
	}
	return out
}

// withDisposition adds what a message itself needs to say if it was a file and is no more.
func withDisposition(p *mime.Part, fields []protocol.Field) []protocol.Field {
	if len(fields) == 2 && findField(p, "Content-Disposition") != nil {
		return append(fields, protocol.Field{Name: "Content-Disposition", Value: "inline"})
	}
	return fields
}

// fixedPart returns why a part must not be changed.
func fixedPart(m *mime.Message, p *mime.Part, force bool) Reason {
	top := p
	for top.Parent != nil {
		top = top.Parent
	}
	switch {
	case m.Truncated:
		return Truncated
	case top != m.Root:
		return NotAPart
	case !p.InBody() || p.Source != m.Root.Source:
		return NotInBody
	case force:
		return ""
	}
	for q := p.Parent; q != nil; q = q.Parent {
		switch q.Type {
		case "multipart/signed":
			return Signed
		case "multipart/encrypted":
			return Encrypted
		}
	}
	return ""
}
