package mime

import "strings"

// quotedDecoder decodes quoted-printable (RFC 2045 section 6.7). An equals sign that is not followed by two hexadecimal digits or a line end
// stands for itself; blanks at the ends of lines stay, as in mail readers.
type quotedDecoder struct{}

// maxPadding is how many blanks may be between an equals sign and the line end.
const maxPadding = 998

func (quotedDecoder) decode(dst []byte, s string, final bool) ([]byte, int) {
	for i := 0; i < len(s); {
		equals := strings.IndexByte(s[i:], '=')
		if equals < 0 {
			return append(dst, s[i:]...), len(s)
		}
		dst = append(dst, s[i:i+equals]...)
		i += equals
		rest := s[i+1:]
		if len(rest) >= 2 && isHex(rest[0]) && isHex(rest[1]) {
			dst = append(dst, unhex(rest[0])<<4|unhex(rest[1]))
			i += 3
			continue
		}
		if len(rest) <= maxPadding && !final {
			return dst, i
		}
		if n := SoftBreak(rest); n >= 0 {
			i += 1 + n
			continue
		}
		dst = append(dst, '=')
		i++
	}
	return dst, len(s)
}

// SoftBreak returns, of what follows an equals sign in quoted-printable, how long the blanks and the line end are that s begins with, -1 if that is not so. The end of the content is a line end.
func SoftBreak(s string) int {
	n := 0
	for n < len(s) && n < maxPadding && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	switch {
	case n == len(s):
		return n
	case strings.HasPrefix(s[n:], "\r\n"):
		return n + 2
	case s[n] == '\n' || s[n] == '\r':
		return n + 1
	}
	return -1
}
