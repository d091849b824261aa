package url

import (
	"strings"
)

// normalPath resolves the dots in a path, and its percent signs.
func normalPath(path string) string {
	var out []string
	parts := strings.Split(normalEscapes(path)[1:], "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch strings.ReplaceAll(part, "%2E", ".") {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, part)
		}
	}
	return "/" + strings.Join(out, "/")
}

const upperHex = "0123456789ABCDEF"

// normalEscapes writes percent signs in one way: capitals, and none for letters, digits and -._~, which never need one (RFC 3986 section
// 2.3); what may not stand for itself is escaped.
func normalEscapes(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		escaped := false
		if v, ok := escapeAt(s, i); ok {
			c, escaped = v, true
			i += 2
		}
		if unreserved(c) || !escaped && c > ' ' && c < 0x7f && strings.IndexByte("\"<>`{}", c) < 0 {
			out.WriteByte(c)
			continue
		}
		out.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
	}
	return out.String()
}

func unreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// escapeAt returns the byte that %XX at a place stands for.
func escapeAt(s string, i int) (byte, bool) {
	if s[i] != '%' || i+2 >= len(s) {
		return 0, false
	}
	high, low := hexValue(s[i+1]), hexValue(s[i+2])
	return byte(high<<4 | low), high >= 0 && low >= 0
}

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// Unescape replaces each %XX by the byte that it stands for. What is no such thing stays.
func Unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c, ok := escapeAt(s, i); ok {
			out = append(out, c)
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

// Escape writes %XX for every byte but letters, digits and -._~, so that the text can be a part of a path or query.
func Escape(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			out.WriteByte(c)
		} else {
			out.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return out.String()
}
