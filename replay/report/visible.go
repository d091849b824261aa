package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of a message is shown. A diff has more than that only where a script replaces a large body.
const (
	maxText  = 500  // bytes of a name, an address or a subject
	maxLine  = 2000 // bytes of a line of a diff
	maxLines = 400  // lines of a diff
	maxList  = 100  // changes, recipients or errors of a message
)

// visible spells out bytes that are no UTF-8, and characters that are not seen, command a terminal, or change the direction of what is
// around them. It cuts texts that are longer than so many bytes.
func visible(text string, most int) string {
	cut := ""
	if len(text) > most {
		cut = fmt.Sprintf("… (%d bytes more)", len(text)-most)
		text = text[:most]
		for len(text) > 0 && cutRune(text) {
			text = text[:len(text)-1]
		}
	}
	var out strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && text[i] != 0xEF: // U+FFFD itself is EF BF BD
			fmt.Fprintf(&out, `\x%02X`, text[i])
		case r == '\t' || r == ' ' || unicode.IsPrint(r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, `\u{%04X}`, r)
		}
	}
	return out.String() + cut
}

// cutRune reports whether a text ends inside a character.
func cutRune(text string) bool {
	for i := 1; i <= min(utf8.UTFMax, len(text)); i++ {
		if c := text[len(text)-i]; utf8.RuneStart(c) {
			return c >= utf8.RuneSelf && !utf8.FullRuneInString(text[len(text)-i:])
		}
	}
	return false
}

// visibleLines is visible for a text of several lines, as far as they are shown.
func visibleLines(text string) string {
	var out strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		if n++; n <= maxLines {
			out.WriteString(visible(strings.TrimSuffix(line, "\n"), maxLine) + "\n")
		}
	}
	if n > maxLines {
		fmt.Fprintf(&out, "… (%d lines more)\n", n-maxLines)
	}
	return out.String()
}
