package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const replacement = string(utf8.RuneError)

// Decode returns text of a charset as UTF-8. It reports false if the charset is not known, or bytes mean nothing in it: then the text is
// what can be made of it, and is still valid UTF-8. A byte order mark at the beginning is not part of the text.
func Decode(charset string, b []byte) (text string, ok bool) {
	c := find(charset)
	if c == nil {
		return guess(b), false
	}
	switch c.canonical() {
	case ascii:
		if isASCII(b) {
			return string(b), true
		}
		return guess(b), false
	case utf8Name:
		text, ok = decodeUTF8(b), utf8.Valid(b)
		return text, ok
	case "utf-7":
		return decodeUTF7(b)
	case "iso-2022-kr":
		return decode(korean7, shiftedKorean(b))
	}
	return decode(c.read, b)
}

// decode reads a charset of golang.org/x/text, whose decoders write U+FFFD for what means nothing.
func decode(from encoding.Encoding, b []byte) (string, bool) {
	out, err := from.NewDecoder().Bytes(b)
	text := string(out)
	if err != nil {
		return guess(b), false
	}
	return text, !strings.Contains(text, replacement)
}

func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return strings.TrimPrefix(string(b), "\ufeff")
	}
	out, err := unicode.UTF8BOM.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), replacement)
	}
	return string(out)
}

// guess reads text of which nobody says the charset.
func guess(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c) // one of five holes
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Encode returns UTF-8 text in a charset. It reports false if the charset is not known, where the text stays UTF-8, or has no place for
// some of the characters, which become question marks.
func Encode(charset, text string) (b []byte, ok bool) {
	c := find(charset)
	if c == nil {
		return []byte(text), false
	}
	switch c.canonical() {
	case ascii:
		return encodeEach(text, func(r rune) bool { return r < utf8.RuneSelf })
	case utf8Name:
		return []byte(strings.ToValidUTF8(text, replacement)), utf8.ValidString(text)
	case "utf-7":
		return encodeUTF7(text), utf8.ValidString(text)
	case "iso-2022-kr":
		b, ok = encode(korean7, text)
		return unshiftedKorean(b), ok
	}
	if c.write != nil {
		return encode(c.write, text)
	}
	return encode(c.read, text)
}

// encode writes a charset of golang.org/x/text.
func encode(to encoding.Encoding, text string) ([]byte, bool) {
	if utf8.ValidString(text) {
		if b, err := to.NewEncoder().Bytes([]byte(text)); err == nil {
			return b, true
		}
	}
	one := to.NewEncoder()
	known := map[rune]bool{}
	fitting, _ := encodeEach(text, func(r rune) bool {
		fits, seen := known[r]
		if !seen {
			_, err := one.String(string(r))
			fits = err == nil
			known[r] = fits
		}
		return fits
	})
	b, err := to.NewEncoder().Bytes(fitting)
	if err != nil {
		return fitting, false
	}
	return b, false
}

// encodeEach writes a question mark for each character that does not fit, and reports whether all did.
func encodeEach(text string, fits func(rune) bool) ([]byte, bool) {
	out, ok := make([]byte, 0, len(text)), true
	for i, r := range text {
		broken := r == utf8.RuneError && !strings.HasPrefix(text[i:], replacement)
		if broken || !fits(r) {
			r, ok = '?', false
		}
		out = utf8.AppendRune(out, r)
	}
	return out, ok
}
