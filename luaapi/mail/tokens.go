package mail

import (
	"cmp"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/luaapi/fieldvalue"
)

// token is a piece of a header value that is not broken across lines.
type token struct {
	gap     string // the blanks before it, perhaps with line breaks
	text    string
	kind    tokenKind
	comment bool // it stands in a comment
	unit    int  // bytes of the text, and of what follows it without a blank
}

type tokenKind uint8

const (
	plain   tokenKind = iota // goes out as it is
	encoded                  // an encoded-word already
	foreign                  // must be encoded
	special                  // a character with a meaning of its own, such as < or a comma
	nothing                  // the end: only its gap counts
)

const blanks = " \t\n"

// words takes unstructured text apart at its blanks.
func words(text string) []token {
	var out []token
	for {
		word := strings.TrimLeft(text, blanks)
		t := token{gap: text[:len(text)-len(word)], kind: nothing}
		if word == "" {
			return append(out, t)
		}
		end := strings.IndexAny(word, blanks)
		if end < 0 {
			end = len(word)
		}
		t.text, t.kind = word[:end], kindOf(word[:end])
		out, text = append(out, t), word[end:]
	}
}

// kindOf tells what a word needs. A piece of text that a reader might take for an encoded-word is encoded, so that it stays what it is.
func kindOf(word string) tokenKind {
	switch {
	case isASCII(word) && isEncodedWord(word):
		return encoded
	case !isASCII(word) || strings.Contains(word, "=?"):
		return foreign
	}
	return plain
}

// isEncodedWord reports whether a word has the form of RFC 2047 section 2.
func isEncodedWord(s string) bool {
	if len(s) < 8 || s[:2] != "=?" || s[len(s)-2:] != "?=" {
		return false
	}
	parts := strings.Split(s[2:len(s)-2], "?")
	return len(parts) == 3 && parts[0] != "" && len(parts[1]) == 1 && strings.Contains("qQbB", parts[1])
}

// addressTokens takes the value of an address field apart (RFC 5322 section 3.4).
func addressTokens(text string) []token {
	var out []token
	depth := 0 // of comments
	for {
		rest := strings.TrimLeft(text, blanks)
		t := token{gap: text[:len(text)-len(rest)], kind: nothing, comment: depth > 0}
		if rest == "" {
			return append(out, t)
		}
		var n int
		switch c := rest[0]; {
		case c == '(':
			depth++
			n, t.kind, t.text = 1, special, "("
		case c == ')':
			depth = max(0, depth-1)
			n, t.kind, t.text = 1, special, ")"
		case depth > 0:
			n = atomEnd(rest, "()"+blanks)
			t.text, t.kind = rest[:n], kindOf(rest[:n])
			if t.kind == foreign {
				t.text = address.Unescape(t.text)
			}
		case strings.IndexByte(`<>,:;`, c) >= 0:
			n, t.kind, t.text = 1, special, rest[:1]
		case c == '"':
			n, _ = address.QuotedEnd(rest)
			t.text, t.kind = fieldvalue.Unfold(rest[:n]), kindOf(rest[:n])
			if t.kind == foreign { // no encoded-word may stand in quotes; as part of a phrase it needs none
				t.text = address.Unquote(t.text)
			}
		default:
			n = atomEnd(rest, `()<>,:;"`+blanks)
			t.text, t.kind = rest[:n], kindOf(rest[:n])
		}
		out, text = append(out, t), rest[n:]
	}
}

// maxLiteral is more than the longest domain literal with an IP address.
const maxLiteral = 64

// atomEnd returns where the atom ends that s begins with: before one of the characters in stop, which count for nothing behind a
// backslash or in a domain literal.
func atomEnd(s, stop string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && s[i+1] != '\n':
			i++
		case c == '[':
			near := s[i:min(len(s), i+maxLiteral)]
			if end := strings.IndexByte(near, ']'); end > 0 && strings.IndexByte(near[:end], '\n') < 0 {
				i += end
			}
		case strings.IndexByte(stop, c) >= 0:
			return i
		}
	}
	return len(s)
}

// joinForeign makes one token of neighbours that must be encoded, with the blanks between them: a reader takes away blanks between
// encoded-words. For the same reason those beside an existing encoded-word move in.
func joinForeign(in []token) []token {
	var out []token
	for i := 0; i < len(in); i++ {
		t := in[i]
		if t.kind != foreign {
			out = append(out, t)
			continue
		}
		var text strings.Builder
		if len(out) > 0 && out[len(out)-1].kind == encoded {
			text.WriteString(fieldvalue.Unfold(t.gap))
			t.gap = " "
		}
		text.WriteString(t.text)
		for ; in[i+1].kind == foreign && in[i+1].comment == t.comment; i++ {
			text.WriteString(cmp.Or(fieldvalue.Unfold(in[i+1].gap), " ") + in[i+1].text) // no blank is between two quoted names
		}
		if in[i+1].kind == encoded {
			text.WriteString(fieldvalue.Unfold(in[i+1].gap))
			in[i+1].gap = " "
		}
		t.text = text.String()
		out = append(out, t)
	}
	return out
}

// setApart puts blanks around what is to be encoded (RFC 2047 section 5 (3)); in comments the parentheses may touch it.
func setApart(tokens []token) {
	for i := 1; i < len(tokens); i++ {
		t, last := &tokens[i], &tokens[i-1]
		if t.gap == "" && !t.comment && t.kind != nothing && (t.kind == foreign || last.kind == foreign) {
			t.gap = " "
		}
	}
}
