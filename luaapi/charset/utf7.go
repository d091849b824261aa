package charset

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeUTF7 reads UTF-7 (RFC 2152): ASCII with UTF-16 in base64 between "+" and the first other byte, which goes away if it is "-".
func decodeUTF7(b []byte) (string, bool) {
	var out strings.Builder
	ok := true
	for len(b) > 0 {
		c := b[0]
		b = b[1:]
		switch {
		case c >= utf8.RuneSelf:
			out.WriteRune(utf8.RuneError)
			ok = false
		case c != '+':
			out.WriteByte(c)
		case len(b) > 0 && b[0] == '-':
			out.WriteByte('+')
			b = b[1:]
		default:
			n := 0
			for n < len(b) && base64Digit(b[n]) >= 0 {
				n++
			}
			ok = writeUTF16(&out, b[:n]) && ok
			if b = b[n:]; len(b) > 0 && b[0] == '-' {
				b = b[1:]
			}
		}
	}
	return out.String(), ok
}

// writeUTF16 writes what base64 digits stand for. It reports false if they are none, or not whole characters.
func writeUTF16(out *strings.Builder, digits []byte) bool {
	var units []uint16
	bits, have := uint32(0), 0
	for _, c := range digits {
		bits, have = bits<<6|uint32(base64Digit(c)), have+6
		if have >= 16 {
			have -= 16
			units = append(units, uint16(bits>>have))
		}
	}
	ok := len(units) > 0 && have < 6 && bits&(1<<have-1) == 0
	if len(units) == 0 {
		out.WriteRune(utf8.RuneError)
	}
	for _, r := range utf16.Decode(units) {
		ok = ok && r != utf8.RuneError
		out.WriteRune(r)
	}
	return ok
}

func base64Digit(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

// encodeUTF7 writes UTF-7. Only what every gateway leaves alone stands for itself (Set D and Rule 3 of RFC 2152).
func encodeUTF7(text string) []byte {
	var out []byte
	runes := []rune(text)
	for len(runes) > 0 {
		if r := runes[0]; r == '+' || direct(r) {
			out = append(out, byte(r))
			if r == '+' {
				out = append(out, '-')
			}
			runes = runes[1:]
			continue
		}
		n := 0
		for n < len(runes) && runes[n] != '+' && !direct(runes[n]) {
			n++
		}
		var units []byte
		for _, u := range utf16.Encode(runes[:n]) {
			units = append(units, byte(u>>8), byte(u))
		}
		out = append(out, '+')
		out = base64.RawStdEncoding.AppendEncode(out, units)
		out = append(out, '-')
		runes = runes[n:]
	}
	return out
}

func direct(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r < utf8.RuneSelf && strings.ContainsRune("'(),-./:? \t\r\n", r)
}
