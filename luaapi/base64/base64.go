package base64

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Encode writes a text in the standard alphabet, with padding.
func Encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// EncodeURL writes a text in the alphabet for URLs and file names, without padding.
func EncodeURL(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// EncodedLen returns how long a text of that length is when it is encoded, at most.
func EncodedLen(n int) int { return base64.StdEncoding.EncodedLen(n) }

// Decode reads base64 in either alphabet. The error says where it is wrong.
func Decode(s string) (string, error) {
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.RawURLEncoding
	}
	body := strings.TrimRight(s, "=")
	if i := strings.IndexAny(body, "\r\n"); i >= 0 { // the library would leave them out
		return "", wrong(s, i)
	}
	if pads := len(s) - len(body); pads > 0 && (pads > 2 || len(s)%4 != 0) {
		return "", fmt.Errorf("no base64: %d characters with their padding are no multiple of four", len(s))
	}
	out, err := encoding.Strict().DecodeString(body)
	if at, ok := err.(base64.CorruptInputError); ok {
		return "", wrong(s, int(at))
	}
	return string(out), err
}

// wrong says what is wrong at a place.
func wrong(s string, at int) error {
	if at >= len(s) || strings.IndexByte(alphabet, s[at]) >= 0 || s[at] == '-' || s[at] == '_' {
		return fmt.Errorf("no base64: it is cut off, or mixed, at byte %d of %d", at+1, len(s))
	}
	return fmt.Errorf("no base64: %q at byte %d", s[at], at+1)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// value returns what six bits a character stands for.
func value(c byte) (uint32, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return uint32(c - 'A'), true
	case 'a' <= c && c <= 'z':
		return uint32(c-'a') + 26, true
	case '0' <= c && c <= '9':
		return uint32(c-'0') + 52, true
	case c == '+' || c == '-':
		return 62, true
	case c == '/' || c == '_':
		return 63, true
	}
	return 0, false
}

// DecodeLenient reads whatever base64 a text has. Of a group that is cut off it gives the whole bytes.
func DecodeLenient(s string) string {
	out := make([]byte, 0, len(s)/4*3+3)
	var bits uint32
	n := 0
	flush := func() {
		switch n {
		case 2:
			out = append(out, byte(bits>>4))
		case 3:
			out = append(out, byte(bits>>10), byte(bits>>2))
		}
		bits, n = 0, 0
	}
	for i := range len(s) {
		v, ok := value(s[i])
		switch {
		case ok:
			bits = bits<<6 | v
			if n++; n == 4 {
				out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
				bits, n = 0, 0
			}
		case s[i] == '=':
			flush()
		}
	}
	flush()
	return string(out)
}
