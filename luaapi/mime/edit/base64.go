package edit

import (
	"encoding/base64"
	"strings"
)

// group is a group of four characters of base64.
type group struct {
	start, end int // in raw: its first character, and behind its last
	at         int // how many bytes were decoded before it
	size       int // how many it has: 3, or less if it is padded or broken off
}

// groupAt returns the group that a decoded byte is in. At the end that is the last group if it is not full, else an empty one behind it.
func groupAt(raw string, decoded int) group {
	var g group
	chars, pads := 0, 0
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case isBase64(c):
			if chars == 0 {
				g.start = i
			}
			chars, pads, g.end = chars+1, 0, i+1
			if chars < 4 {
				continue
			}
			g.size = 3
		case c == '=' && chars >= 2:
			pads, g.end = pads+1, i+1
			if chars+pads < 4 {
				continue
			}
			g.size = chars - 1
		default:
			continue
		}
		if g.at+g.size > decoded || g.size < 3 && g.at+g.size == decoded && !strings.ContainsFunc(raw[i+1:], isBase64Rune) {
			return g
		}
		g.at += g.size
		g.start, g.size, chars, pads = g.end, 0, 0, 0
	}
	g.size = max(0, chars-1)
	if chars == 0 {
		g.start = g.end
	}
	return g
}

// insertBase64 adds bytes to base64. Only one group is rewritten if what is behind it can stay: at the end, or if all that is added is whole
// groups, which the filler makes of it.
func (c *content) insertBase64(e *Edit, at int, added, filler string) {
	g := groupAt(c.raw, at)
	rest := c.text.bytes[at:]
	for filler != "" && rest != "" && len(added)%3 != 0 {
		added += filler
	}
	before := c.text.bytes[g.at:at]
	switch {
	case rest == "", len(added)%3 != 0, g.size < 3, strings.Contains(c.raw[g.start:], "--"): // dashes could become a boundary
		g.end = len(strings.TrimRight(c.raw, " \t\r\n"))
	case before == "":
		g.end, rest = g.start, ""
	default:
		rest = rest[:g.at+3-at]
	}
	g.end = max(g.end, g.start)
	width, lineAt := base64Width(c.raw)
	col := g.start - lineAt(g.start)
	with := base64Lines(before+added+rest, col, width, c.rawEOL)
	if behind, _ := cutLine(c.raw[g.end:]); behind != "" {
		with += c.rawEOL
	}
	c.splice(e, g.start, g.end, with)
}

// base64Width returns how many characters the lines of base64 have, and a function that returns where the line begins that something is on.
func base64Width(raw string) (width int, lineAt func(int) int) {
	width = 76
	if first, n := cutLine(raw); n > len(first) && n < len(raw) && len(first) >= 4 && len(first) <= maxLine {
		width = len(first) / 4 * 4
	}
	return width, func(i int) int { return strings.LastIndexAny(raw[:i], "\r\n") + 1 }
}

// base64Lines encodes bytes in lines, the first of which has some characters already. There is no line end at the end.
func base64Lines(s string, col, width int, eol string) string {
	all := base64.StdEncoding.EncodeToString([]byte(s))
	var out strings.Builder
	out.Grow(len(all) + (len(all)/width+1)*len(eol))
	for all != "" {
		n := min(max(0, width-col)/4*4, len(all))
		out.WriteString(all[:n])
		all, col = all[n:], 0
		if all != "" {
			out.WriteString(eol)
		}
	}
	return out.String()
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

func isBase64Rune(r rune) bool { return r < 0x80 && isBase64(byte(r)) }
