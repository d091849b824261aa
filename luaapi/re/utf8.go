package re

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// text is a text that RE2 can look at.
type text struct {
	s        string
	replaced []int // where in s there is a U+FFFD for a byte
}

// grown is how many bytes a U+FFFD has more than the byte it stands for.
const grown = len("\uFFFD") - 1

func asIs(s string) text { return text{s: s} }

// valid returns a text with U+FFFD for each byte that is not part of UTF-8.
func valid(s string) text {
	if utf8.ValidString(s) {
		return asIs(s)
	}
	var t text
	var out strings.Builder
	out.Grow(len(s) + len(s)/8)
	start := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			out.WriteString(s[start:i])
			t.replaced = append(t.replaced, out.Len())
			out.WriteRune(utf8.RuneError)
			start = i + 1
		}
		i += size
	}
	out.WriteString(s[start:])
	t.s = out.String()
	return t
}

// back makes places in the text places in what it was made of.
func (t *text) back(at []int) []int {
	if len(t.replaced) == 0 {
		return at
	}
	for i, place := range at {
		if place > 0 {
			at[i] -= grown * sort.SearchInts(t.replaced, place)
		}
	}
	return at
}
