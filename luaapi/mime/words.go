package mime

import (
	"strings"

	"luamilter/luaapi/charset"
)

// decodeWords decodes the encoded-words of RFC 2047 wherever they stand, also in quotes and in the middle of a word: that is how many
// senders write file names. Neighbours of one charset are joined before they are decoded, as a character may be split between them.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var from string  // the charset
	var bytes []byte // of decoded words not yet written
	flush := func() {
		if bytes != nil {
			text, _ := charset.Decode(from, bytes)
			out.WriteString(text)
			bytes = nil
		}
	}
	for s != "" {
		gap, w, rest, ok := nextWord(s)
		if !ok {
			break
		}
		if bytes == nil || strings.Trim(gap, " \t") != "" {
			flush()
			out.WriteString(gap)
		} else if !strings.EqualFold(from, w.charset) {
			flush()
		}
		from = w.charset
		bytes = w.appendTo(bytes)
		s = rest
	}
	flush()
	return out.String() + s
}

// word is an encoded-word.
type word struct {
	charset string
	base64  bool
	text    string
}

// nextWord finds the first encoded-word: what is before it and behind it.
func nextWord(s string) (gap string, w word, rest string, ok bool) {
	for from := 0; ; {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return "", word{}, "", false
		}
		start := from + i
		if w, n := cutWord(s[start+2:]); n > 0 {
			return s[:start], w, s[start+2+n:], true
		}
		from = start + 2
	}
}

// cutWord reads the encoded-word that s begins with, after its "=?", and returns how long it is; 0 for none.
func cutWord(s string) (word, int) {
	const longest = 64 // of a charset
	mark := strings.IndexByte(s[:min(len(s), longest)], '?')
	if mark <= 0 || mark+2 >= len(s) || s[mark+2] != '?' {
		return word{}, 0
	}
	how := s[mark+1] | 0x20
	text := s[mark+3:]
	end := strings.IndexByte(text, '?')
	if end < 0 || !strings.HasPrefix(text[end:], "?=") || how != 'q' && how != 'b' {
		return word{}, 0
	}
	from, _, _ := strings.Cut(s[:mark], "*") // RFC 2231 section 5: a language
	return word{from, how == 'b', text[:end]}, mark + 3 + end + 2
}

func (w word) appendTo(out []byte) []byte {
	if out == nil {
		out = []byte{}
	}
	if w.base64 {
		out, _ = new(base64Decoder).decode(out, w.text, true)
		return out
	}
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(w.text) && isHex(w.text[i+1]) && isHex(w.text[i+2]):
			out = append(out, unhex(w.text[i+1])<<4|unhex(w.text[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// anyText makes UTF-8 of text of which nobody says the charset.
func anyText(s string) string {
	text, _ := charset.Decode("", []byte(s))
	return text
}
