package edit

import (
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// content is the content of a part that something is added to.
type content struct {
	part    *mime.Part
	raw     string // as it stands in the message
	text    text
	eol     string // of the text
	rawEOL  string // of what stands in the message
	recoded bool   // text is no longer what raw is
}

// open reads a part.
func open(p *mime.Part) (*content, Reason) {
	switch p.Encoding {
	case "7bit", "8bit", "binary", "base64", "quoted-printable":
	default:
		return nil, OtherEncoding
	}
	if _, ok := p.Source.(mime.Text); !ok && p.Content.Len() > maxText {
		return nil, TooLarge
	}
	t, reason := newText(p)
	if reason != "" {
		return nil, reason
	}
	c := &content{part: p, raw: p.Content.Of(p.Source), text: t}
	c.rawEOL = eolIn(c.raw)
	if c.rawEOL == "" || t.wide != "" {
		c.rawEOL = eolAround(p)
	}
	c.eol = eolIn(t.seen)
	switch {
	case c.eol != "":
	case c.isIdentity():
		c.eol = c.rawEOL
	default:
		c.eol = "\r\n"
	}
	return c, ""
}

// maxText is how large a text may be that is changed in a message that is not in memory, in bytes: it must be there itself, several times.
const maxText = 1 << 20

// isIdentity reports whether there is no transfer encoding.
func (c *content) isIdentity() bool {
	return c.part.Encoding != "base64" && c.part.Encoding != "quoted-printable"
}

// isSevenBit reports whether only ASCII may be added without an encoding. Where there are other bytes already, more do no harm.
func (c *content) isSevenBit() bool { return c.part.Encoding == "7bit" && isASCII(c.raw) }

// fits reports whether something can be written as it is.
func (c *content) fits(s string) bool {
	b, ok := c.text.encode(s)
	return ok && (!c.isSevenBit() || isASCII(b))
}

// recode makes the text UTF-8, if that can be done without harm.
func (c *content) recode() bool {
	t, ok := c.text.recoded()
	if ok {
		c.text, c.recoded = t, true
	}
	return ok
}

// isGlued reports whether a boundary follows at once: then a line end is missing if anything comes before it.
func isGlued(p *mime.Part) bool {
	if p.Content.End >= p.Source.Len() {
		return false
	}
	next := mime.Range{Start: p.Content.End, End: p.Content.End + 1}.Of(p.Source)
	return next != "\r" && next != "\n"
}

// insert adds a text, with LF for line ends, at a place in what is seen. The filler may come behind it, as often as needed.
func (c *content) insert(e *Edit, i int, s, filler string) {
	s = strings.ReplaceAll(s, "\n", c.eol)
	at, added := c.text.at(i), c.text.encodeAt(i, s)
	filler, _ = c.text.encode(strings.ReplaceAll(filler, "\n", c.eol))
	fields := c.fields(at, added)
	e.setHeader(c.part, fields)
	switch {
	case c.recoded || len(fields) > 0:
		whole := c.text.bytes[:at] + added + c.text.bytes[at:]
		e.replace(c.part.Source, c.part.Content, c.unglued(c.transferred(whole, fields)))
	case c.part.Encoding == "base64":
		c.insertBase64(e, at, added, filler)
	case c.part.Encoding == "quoted-printable":
		c.insertQuoted(e, at, added)
	default:
		c.splice(e, at, at, added)
	}
}

// fields returns what must change in the header of the part.
func (c *content) fields(at int, added string) []protocol.Field {
	var out []protocol.Field
	if c.recoded {
		out = append(out, asUTF8(c.part))
	}
	if c.isIdentity() && (c.isSevenBit() && !(isASCII(added) && isASCII(c.text.bytes)) || c.breaksLines(at, added)) {
		out = append(out, protocol.Field{Name: "Content-Transfer-Encoding", Value: "quoted-printable"})
	}
	return out
}

// setHeader sets fields. It ends the header of a part that has no empty line, so that its content does not become header.
func (e *Edit) setHeader(p *mime.Part, fields []protocol.Field) {
	if len(fields) > 0 {
		e.setFields(p, fields...)
		return
	}
	e.endOuter(p)
	e.endHeader(p, p.Header.Of(p.Source))
}

// splice replaces bytes of raw.
func (c *content) splice(e *Edit, start, end int, with string) {
	at := c.part.Content.Start
	e.replace(c.part.Source, mime.Range{Start: at + int64(start), End: at + int64(end)}, c.unglued(with))
}

func (c *content) unglued(with string) string {
	if isGlued(c.part) && with != "" && !strings.HasSuffix(with, "\n") {
		return with + c.rawEOL
	}
	return with
}
