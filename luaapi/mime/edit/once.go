package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"luamilter/luaapi/charset"
)

// isIn reports whether a footer is in a part already. Blanks, line ends, quotes and tags don't count: mail readers change them.
func (f Footer) isIn(c *content) bool {
	text, _ := charset.Decode(c.text.name, []byte(c.text.bytes))
	if !isHTML(c.part) {
		text = squeeze(text)
		if f.Marker != "" {
			return contains(text, squeeze(f.Marker))
		}
		return contains(text, squeeze(f.Text))
	}
	want := squeeze(toText(f.HTML))
	if f.Marker != "" {
		want = squeeze(f.Marker)
	}
	if want == "" { // a picture
		return strings.Contains(text, f.HTML)
	}
	return contains(squeeze(toText(text)), want)
}

// contains reports whether text has want in it, perhaps without accents.
func contains(text, want string) bool {
	return want != "" && (strings.Contains(text, want) || strings.Contains(text, squeeze(toASCII(want))))
}

// squeeze takes out all blanks, and what quotes a line.
func squeeze(s string) string {
	out := make([]byte, 0, len(s))
	start := true // of a line
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r':
			start = true
		case unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff':
		case start && r == '>':
		default:
			start = false
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}
