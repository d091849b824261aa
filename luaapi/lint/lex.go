package lint

import "strings"

// tokenKind says what a token is; the parser proper knows more.
type tokenKind int

const (
	tokenEnd tokenKind = iota // the source is over
	tokenName
	tokenKeyword
	tokenText   // a string in quotes or long brackets
	tokenNumber // digits and what clings to them
	tokenSymbol // one or more punctuation bytes
)

// token is one word of the source; Line and column count from 1.
type token struct {
	kind   tokenKind
	text   string
	line   int
	column int
	open   bool // a string or long comment that never ends
	first  bool // the first token of its line
}

// lexer splits Lua source into tokens the way gopher-lua's does. It is used
// for what the parser does not tell: columns, unclosed blocks, nesting.
type lexer struct {
	src   string
	pos   int
	line  int
	start int // offset of the current line's first byte
	fresh bool

	remark func(r remark) // told of comments that end with their line, if not nil
}

// remark is a comment that ends with its line.
type remark struct {
	line, column int
	text         string // without the dashes
	alone        bool   // nothing stands before it on the line
}

func newLexer(src string) *lexer {
	return &lexer{src: src, line: 1, fresh: true}
}

var keywords = map[string]bool{
	"and": true, "break": true, "do": true, "else": true, "elseif": true,
	"end": true, "false": true, "for": true, "function": true, "goto": true,
	"if": true, "in": true, "local": true, "nil": true, "not": true,
	"or": true, "repeat": true, "return": true, "then": true, "true": true,
	"until": true, "while": true,
}

// next returns the next token; at the end of the source tokenEnd, for ever.
func (l *lexer) next() token {
	if t, open := l.blanks(); open {
		return t
	}
	t := token{line: l.line, column: l.pos - l.start + 1, first: l.fresh}
	l.fresh = false
	from := l.pos
	if from >= len(l.src) {
		return t
	}
	switch c := l.src[from]; {
	case isNameStart(c):
		l.skip(isNamePart)
		t.kind = tokenName
		if keywords[l.src[from:l.pos]] {
			t.kind = tokenKeyword
		}
	case isDigit(c):
		l.skip(isNumberPart)
		t.kind = tokenNumber
	case c == '"' || c == '\'':
		t.kind = tokenText
		t.open = !l.quoted(c)
	case c == '[' && l.longBracket(from) >= 0:
		t.kind = tokenText
		t.open = !l.long(l.longBracket(from))
	default:
		t.kind = tokenSymbol
		l.symbol()
	}
	t.text = l.src[from:l.pos]
	return t
}

// blanks skips white space and comments; open reports a long comment that has
// no end.
func (l *lexer) blanks() (t token, open bool) {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '\n' || c == '\r':
			l.newline()
		case c == ' ' || c == '\t':
			l.pos++
		case strings.HasPrefix(l.src[l.pos:], "--"):
			t := token{kind: tokenText, text: "--[[", line: l.line, column: l.pos - l.start + 1, open: true}
			if !l.comment() {
				return t, true
			}
		default:
			return token{}, false
		}
	}
	return token{}, false
}

// newline steps over LF, CR, or both together, which are one line's end.
func (l *lexer) newline() {
	c := l.src[l.pos]
	l.pos++
	if l.pos < len(l.src) && l.src[l.pos] != c && (l.src[l.pos] == '\n' || l.src[l.pos] == '\r') {
		l.pos++
	}
	l.line++
	l.start = l.pos
	l.fresh = true
}

func (l *lexer) comment() bool {
	l.pos += 2
	if level := l.longBracket(l.pos); level >= 0 {
		return l.long(level)
	}
	from := l.pos
	l.skip(func(c byte) bool { return c != '\n' && c != '\r' })
	if l.remark != nil {
		l.remark(remark{l.line, from - 2 - l.start + 1, l.src[from:l.pos], l.fresh})
	}
	return true
}

// longBracket returns the number of equals signs of a long bracket opening at
// offset at, -1 where there is none.
func (l *lexer) longBracket(at int) int {
	if at >= len(l.src) || l.src[at] != '[' {
		return -1
	}
	i := at + 1
	for i < len(l.src) && l.src[i] == '=' {
		i++
	}
	if i >= len(l.src) || l.src[i] != '[' {
		return -1
	}
	return i - at - 1
}

// long steps over a long string or comment, which must begin here.
func (l *lexer) long(level int) bool {
	l.pos += level + 2
	closing := "]" + strings.Repeat("=", level) + "]"
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '\n' || c == '\r':
			l.newline()
		case c == ']' && strings.HasPrefix(l.src[l.pos:], closing):
			l.pos += len(closing)
			return true
		default:
			l.pos++
		}
	}
	return false
}

// quoted steps over a string in quotes; false if its line or the source ends
// before it does.
func (l *lexer) quoted(quote byte) bool {
	l.pos++
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; c {
		case quote:
			l.pos++
			return true
		case '\n', '\r':
			return false
		case '\\':
			l.pos++
			l.escaped()
		default:
			l.pos++
		}
	}
	return false
}

func (l *lexer) escaped() {
	if l.pos >= len(l.src) {
		return
	}
	if c := l.src[l.pos]; c == '\n' || c == '\r' {
		l.newline()
		return
	}
	l.pos++
}

// symbols are the tokens of more than one punctuation byte, longest first.
var symbols = []string{"...", "..", "==", "~=", "<=", ">=", "::"}

func (l *lexer) symbol() {
	for _, s := range symbols {
		if strings.HasPrefix(l.src[l.pos:], s) {
			l.pos += len(s)
			return
		}
	}
	l.pos++
}

func (l *lexer) skip(while func(byte) bool) {
	for l.pos < len(l.src) && while(l.src[l.pos]) {
		l.pos++
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameStart(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isNamePart(c byte) bool { return isNameStart(c) || isDigit(c) }

func isNumberPart(c byte) bool { return isNamePart(c) }
