package mail

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxEncodedWord is the most that an encoded-word may have (RFC 2047 section 2).
const maxEncodedWord = 75

// encoder makes encoded-words of one text.
type encoder struct {
	charset string
	base64  bool
}

// encoderFor chooses the shorter encoding.
func encoderFor(charset, text string) encoder {
	q, b := encoder{charset, false}, encoder{charset, true}
	if b.size(text) < q.size(text) {
		return b
	}
	return q
}

// size returns how many bytes a text has when encoded.
func (e encoder) size(text string) int {
	if e.base64 {
		return base64.StdEncoding.EncodedLen(len(text))
	}
	n := 0
	for i := 0; i < len(text); i++ {
		n += qLen(text[i])
	}
	return n
}

// overhead is what an encoded-word has around its text.
func (e encoder) overhead() int { return len("=?") + len(e.charset) + len("?q?") + len("?=") }

// cut returns how much of a text fits into that many bytes of encoded text: whole characters, and at least one.
func (e encoder) cut(text string, room int) int {
	n, used := 0, 0
	for n < len(text) {
		size := 1
		if e.charset == "utf-8" {
			_, size = utf8.DecodeRuneInString(text[n:])
		}
		if e.base64 {
			used = base64.StdEncoding.EncodedLen(n + size)
		} else {
			used += e.size(text[n : n+size])
		}
		if used > room && n > 0 {
			break
		}
		n += size
	}
	return n
}

// word returns a text as one encoded-word.
func (e encoder) word(text string) string {
	var out strings.Builder
	out.WriteString("=?" + e.charset)
	if e.base64 {
		out.WriteString("?b?" + base64.StdEncoding.EncodeToString([]byte(text)))
	} else {
		out.WriteString("?q?")
		for i := 0; i < len(text); i++ {
			writeQ(&out, text[i])
		}
	}
	out.WriteString("?=")
	return out.String()
}

// qLen returns how many bytes a byte takes in the Q encoding.
func qLen(b byte) int {
	if b == ' ' || qSafe(b) {
		return 1
	}
	return 3
}

// qSafe reports whether a byte stands for itself wherever an encoded-word may be, also in a phrase (RFC 2047 section 5 (3)).
func qSafe(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b < 0x80 && strings.IndexByte("!*+-/", b) >= 0
}

func writeQ(out *strings.Builder, b byte) {
	const hex = "0123456789ABCDEF"
	switch {
	case b == ' ':
		out.WriteByte('_')
	case qSafe(b):
		out.WriteByte(b)
	default:
		out.Write([]byte{'=', hex[b>>4], hex[b&15]})
	}
}

// EncodePhrase writes a text as encoded-words with blanks between them, for where a phrase or a comment may stand, such as the name of an
// address. fieldvalue.Text reads them back.
func EncodePhrase(text string) string {
	charset := "utf-8"
	if !utf8.ValidString(text) {
		charset = "unknown-8bit" // RFC 1428 section 3
	}
	e := encoderFor(charset, text)
	var words []string
	for text != "" {
		n := e.cut(text, maxEncodedWord-e.overhead())
		words = append(words, e.word(text[:n]))
		text = text[n:]
	}
	return strings.Join(words, " ")
}
