package edit

import "strings"

// isShifted reports whether a charset has shifts, between which bytes of ASCII stand for something else.
func isShifted(kind string) bool {
	return kind == "iso-2022-jp" || kind == "iso-2022-kr" || kind == "hz-gb-2312"
}

// shift is what leads out of a shift to ASCII, and into it again.
type shift struct{ out, in string }

// shifts returns bytes with all between shifts masked, and the shift they end in.
func shifts(kind, s string) (masked string, end shift) {
	out := []byte(s)
	for i := 0; i < len(s); {
		if n, next, ok := shiftAt(kind, s[i:]); ok {
			for range n {
				out[i] = '.'
				i++
			}
			end = next
			continue
		}
		switch c := s[i]; {
		case c == '\n' && kind != "iso-2022-jp":
			end = shift{} // RFC 1557, RFC 1843: a line ends it
		case end.in == "" || end.in == jisRoman || c <= ' ':
		default:
			out[i] = '.'
		}
		i++
	}
	return string(out), end
}

// jisRoman is the escape to the Japanese variant of ASCII, in which all that matters is the same.
const jisRoman = "\x1b(J"

// shiftAt returns how long the shift is that s begins with, and what it leads to.
func shiftAt(kind, s string) (n int, to shift, ok bool) {
	switch {
	case kind == "hz-gb-2312" && strings.HasPrefix(s, "~{"):
		return 2, shift{"~}", "~{"}, true
	case kind == "hz-gb-2312" && strings.HasPrefix(s, "~}"):
		return 2, shift{}, true
	case kind == "iso-2022-kr" && s[0] == '\x0e':
		return 1, shift{"\x0f", "\x0e"}, true
	case kind == "iso-2022-kr" && s[0] == '\x0f':
		return 1, shift{}, true
	case kind != "iso-2022-jp" || s[0] != '\x1b' || len(s) < 3:
		return 0, shift{}, false
	}
	n = 3
	if strings.HasPrefix(s, "\x1b$(") && len(s) >= 4 {
		n = 4
	}
	if s[1] != '(' && s[1] != '$' {
		return 0, shift{}, false
	}
	if s[:3] == "\x1b(B" {
		return 3, shift{}, true
	}
	return n, shift{"\x1b(B", s[:n]}, true
}
