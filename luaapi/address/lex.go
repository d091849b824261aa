package address

import "strings"

// token is a piece of a text of addresses.
type token struct {
	kind       kind
	margin     uint8 // bytes of the quote or bracket at either end
	start, end int
}

type kind uint8

const (
	end     kind = iota
	atom         // a run of characters without a meaning of their own; a backslash protects one that has
	quoted       // "..."
	literal      // [...], where a domain stands
	comment      // (...)
	special      // one of < > , ; : @
)

// is reports whether a token is that special character.
func (l *lexer) is(t token, c byte) bool { return t.kind == special && l.text[t.start] == c }

// raw returns the bytes of a token.
func (l *lexer) raw(t token) string { return l.text[t.start:t.end] }

// inner returns the bytes between the quotes or brackets of a token.
func (l *lexer) inner(t token) string {
	return l.text[t.start+int(t.margin) : t.end-int(t.margin)]
}

// lexer takes a text apart. What turned out not to be closed is remembered, since everything behind it is not closed either.
type lexer struct {
	text     string
	at       int
	afterAt  bool // the last token but comments was @: a [ begins a domain literal
	problems Problems
	steps    int // bytes and tokens that were looked at, for tests

	noQuote, noSmartQuote, noComment, noLiteral bool
}

// next returns the next token.
func (l *lexer) next() token {
	l.skipBlanks()
	if l.at >= len(l.text) {
		return token{kind: end, start: l.at, end: l.at}
	}
	t := l.scan()
	l.at = t.end
	if t.kind != comment {
		l.afterAt = l.is(t, '@')
	}
	return t
}

func (l *lexer) scan() token {
	switch c := l.text[l.at]; c {
	case '<', '>', ',', ';', ':', '@':
		l.steps++
		return token{special, 0, l.at, l.at + 1}
	case '(':
		if to := l.commentEnd(); to > 0 {
			return token{comment, 1, l.at, to}
		}
	case ')':
		l.problems |= StrayCharacter
	case '"':
		if to := l.closing('"', UnclosedQuote, &l.noQuote); to > 0 {
			return token{quoted, 1, l.at, to}
		}
	case '[':
		if !l.afterAt {
			break
		}
		if to := l.closing(']', UnclosedBracket, &l.noLiteral); to > 0 {
			return token{literal, 1, l.at, to}
		}
	case smartOpen[0]:
		if to := l.smartEnd(); to > 0 {
			return token{quoted, uint8(len(smartOpen)), l.at, to}
		}
	}
	return token{atom, 0, l.at, l.atomEnd()}
}

// skipBlanks skips what separates words: blanks, folds, control characters, and blanks that do not show as what they are.
func (l *lexer) skipBlanks() {
	for l.at < len(l.text) {
		n := l.blank(l.at)
		if n == 0 {
			return
		}
		l.steps += n
		l.at += n
	}
}

// wideBlanks are no-break space, zero width space and byte order mark: mail programs leave them beside addresses.
var wideBlanks = [...]string{"\u00a0", "\u200b", "\ufeff"}

// blank returns the length of the blank at that place, 0 if there is none.
func (l *lexer) blank(at int) int {
	switch c := l.text[at]; {
	case c == ' ', c == '\t', c == '\r', c == '\n':
		return 1
	case c < ' ', c == 0x7f:
		l.problems |= Control
		return 1
	case c < 0xc2:
		return 0
	}
	for _, b := range wideBlanks {
		if strings.HasPrefix(l.text[at:], b) {
			return len(b)
		}
	}
	return 0
}

// closing returns where the quoted string or literal ends that begins here, 0 if it does not.
func (l *lexer) closing(c byte, problem Problems, never *bool) int {
	for i := l.at + 1; i < len(l.text) && !*never; i++ {
		l.steps++
		switch l.text[i] {
		case '\\':
			i++
		case c:
			return i + 1
		}
	}
	*never = true
	l.problems |= problem
	return 0
}

// commentEnd returns where the comment ends that begins here, 0 if it does not. Comments nest (RFC 5322 section 3.2.2).
func (l *lexer) commentEnd() int {
	depth := 0
	for i := l.at; i < len(l.text) && !l.noComment; i++ {
		l.steps++
		switch l.text[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	l.noComment = true
	l.problems |= UnclosedComment
	return 0
}

// The quotes that word processors make of ". In German they open below, and close with what opens in English.
const (
	smartOpen  = "\u201c"
	smartBelow = "\u201e"
	smartClose = "\u201d"
)

// smartEnd returns where the text in typographic quotes ends that begins here, 0 if there is none.
func (l *lexer) smartEnd() int {
	rest := l.text[l.at:]
	below := strings.HasPrefix(rest, smartBelow)
	if l.noSmartQuote || !below && !strings.HasPrefix(rest, smartOpen) {
		return 0
	}
	for i := len(smartOpen); i < len(rest); i++ {
		l.steps++
		if rest[i] == smartClose[0] && (strings.HasPrefix(rest[i:], smartClose) || below && strings.HasPrefix(rest[i:], smartOpen)) {
			l.problems |= SmartQuotes
			return l.at + i + len(smartClose)
		}
	}
	l.noSmartQuote = true
	return 0
}

// hasMeaning reports whether a character ends an atom because it has a meaning of its own.
func hasMeaning(c byte) bool {
	switch c {
	case '<', '>', ',', ';', ':', '@', '(', ')', '"':
		return true
	}
	return false
}

// atomEnd returns where the atom ends that begins here. It has one character at least, whatever that is.
func (l *lexer) atomEnd() int {
	i := l.at + l.encodedWord()
	for first := i == l.at; i < len(l.text); first = false {
		l.steps++
		switch c := l.text[i]; {
		case c == '\\' && i+1 < len(l.text) && l.blank(i+1) == 0:
			i++
		case first:
		case hasMeaning(c), (c <= ' ' || c >= 0x7f) && l.blank(i) > 0:
			return i
		}
		i++
	}
	return min(i, len(l.text))
}

// encodedWord returns the length of the encoded-word that begins here, 0 if none does. Some programs leave commas and the like in it.
func (l *lexer) encodedWord() int {
	rest := l.text[l.at:]
	if !strings.HasPrefix(rest, "=?") {
		return 0
	}
	marks := 0 // question marks; an encoded-word has four, the last before =
	for i := 1; i < len(rest); i++ {
		l.steps++
		switch c := rest[i]; {
		case c == '?':
			if marks++; marks == 4 && i+1 < len(rest) && rest[i+1] == '=' {
				return i + 2
			}
			if marks == 4 {
				return 0
			}
		case c <= ' ', c >= 0x7f, marks < 3 && hasMeaning(c):
			return 0
		}
	}
	return 0
}
