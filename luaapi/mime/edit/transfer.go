package edit

import (
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// maxLine is the most that a line may have, in bytes without its line end (RFC 5322 section 2.1.1).
const maxLine = 998

// transferred returns the whole content in the encoding that it has, or in that which fields say.
func (c *content) transferred(bytes string, fields []protocol.Field) string {
	encoding := c.part.Encoding
	for _, f := range fields {
		if f.Name == "Content-Transfer-Encoding" {
			encoding = f.Value
		}
	}
	switch encoding {
	case "base64":
		width, _ := base64Width(c.raw)
		return base64Lines(bytes, 0, width, c.rawEOL) + c.raw[len(withoutEOL(c.raw)):]
	case "quoted-printable":
		return quoted(bytes, c.rawEOL, c.text.wide != "")
	}
	return bytes
}

// endsInLine reports whether there is a line end at the end.
func endsInLine(s string) bool { return strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\r") }

// breaksLines reports whether what is added cannot stand in the message as it is: a line is too long, or is a boundary.
func (c *content) breaksLines(at int, added string) bool {
	if c.part.Encoding != "binary" && hasLongLine(added) {
		return true
	}
	around := len(c.text.bytes)
	if !c.recoded {
		around = longestBoundary(c.part)
	}
	before, behind := c.text.bytes[:at], c.text.bytes[at:]
	return hasBoundary(c.part, before[max(0, len(before)-around):]+added+behind[:min(around, len(behind))])
}

// longestBoundary returns how long a line is that may be a boundary of one of the multiparts that a part is in.
func longestBoundary(p *mime.Part) int {
	n := 0
	for q := p.Parent; q != nil; q = q.Parent {
		n = max(n, len("\r\n--")+len(q.Param("boundary")))
	}
	return n
}

func hasLongLine(s string) bool {
	for s != "" {
		line, n := cutLine(s)
		if len(line) > maxLine {
			return true
		}
		s = s[n:]
	}
	return false
}

// hasBoundary reports whether a line would be a boundary of one of the multiparts that a part is in.
func hasBoundary(p *mime.Part, s string) bool {
	if !strings.Contains(s, "--") {
		return false
	}
	for q := p.Parent; q != nil; q = q.Parent {
		if boundary := q.Param("boundary"); q.IsMultipart() && strings.Contains("\n"+strings.ReplaceAll(s, "\r", "\n"), "\n--"+boundary) {
			return true
		}
	}
	return false
}
