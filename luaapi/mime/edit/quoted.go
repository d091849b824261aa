package edit

import (
	"fmt"
	"strings"

	"luamilter/luaapi/mime"
)

// insertQuoted adds bytes to quoted-printable, on lines of their own between soft breaks.
func (c *content) insertQuoted(e *Edit, at int, added string) {
	i := quotedIndex(c.raw, at)
	with := quoted(added, c.rawEOL, c.text.wide != "")
	if i > 0 && !endsInLine(c.raw[:i]) {
		with = "=" + c.rawEOL + with
	}
	if i < len(c.raw) && !endsInLine(with) {
		with += "=" + c.rawEOL
	}
	end := i
	if strings.HasPrefix(c.raw[i:], "--") { // a boundary, now that it is at the beginning of a line
		with, end = with+"=2D", i+1
	}
	c.splice(e, i, end, with)
}

// quotedIndex returns where in quoted-printable some decoded bytes have come, before a soft break that may follow. It reads as package mime does.
func quotedIndex(raw string, decoded int) int {
	i := 0
	for n := 0; n < decoded && i < len(raw); {
		if raw[i] != '=' {
			i++
			n++
			continue
		}
		rest := raw[i+1:]
		if len(rest) >= 2 && isHex(rest[0]) && isHex(rest[1]) {
			i += 3
			n++
			continue
		}
		if soft := mime.SoftBreak(rest); soft >= 0 {
			i += 1 + soft
			continue
		}
		i++
		n++
	}
	return i
}

func isHex(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f' }

// quoted encodes bytes in quoted-printable, with lines of at most 76 (RFC 2045 section 6.7). Line ends stay, unless all is binary. No line is a
// boundary: a dash at the beginning of one is encoded.
func quoted(s, eol string, binary bool) string {
	var out strings.Builder
	out.Grow(len(s) + len(s)/8)
	col := 0
	for i := 0; i < len(s); i++ {
		if !binary && (s[i] == '\n' || strings.HasPrefix(s[i:], "\r\n")) {
			if s[i] == '\r' {
				out.WriteByte('\r')
				i++
			}
			out.WriteByte('\n')
			col = 0
			continue
		}
		size := 1
		if mustQuote(s, i, col) {
			size = 3
		}
		if col+size > 75 {
			out.WriteString("=" + eol)
			col = 0
			if mustQuote(s, i, col) {
				size = 3
			}
		}
		if size == 3 {
			fmt.Fprintf(&out, "=%02X", s[i])
		} else {
			out.WriteByte(s[i])
		}
		col += size
	}
	return out.String()
}

// mustQuote reports whether a byte cannot stand for itself: a blank cannot at the end of a line, nor a dash at the beginning.
func mustQuote(s string, i, col int) bool {
	switch c := s[i]; {
	case c == ' ' || c == '\t':
		return i+1 == len(s) || s[i+1] == '\r' || s[i+1] == '\n'
	case c == '-':
		return col == 0
	default:
		return c < ' ' || c > '~' || c == '='
	}
}
