package mail

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"luamilter/luaapi/charset"
)

// Param is a parameter of a header field such as Content-Type, put together and decoded.
type Param struct {
	Name  string // in small letters, without the stars of RFC 2231
	Value string // in UTF-8
}

// ParseParams takes apart a field value that has parameters, as Content-Type and Content-Disposition do: what is before the first
// semicolon, and the parameters in the order in which they begin. It puts together and decodes what RFC 2231 cut and encoded, and also
// decodes encoded-words, which must not be there (RFC 2047 section 5 (3)) but are.
//
// It never refuses a value; problems say what was odd, in words. Of parameters that are there twice, both are in the list, the first
// one first; one that is also there in the form of RFC 2231 is only there in that form, as RFC 6266 section 4.3 says.
func ParseParams(value string) (main string, params []Param, problems []string) {
	p := paramParser{rest: Unfold(value)}
	main, _ = p.text(false)
	if decoded, ok := DecodeText(main); !ok || decoded != main {
		p.problem("what is before the parameters is not plain text")
		main = decoded
	}
	for p.next() {
		p.param()
	}
	return main, p.assembled(), p.problems
}

// maxProblems are enough to see what a value is like.
const maxProblems = 10

type paramParser struct {
	rest     string // begins with the semicolon before the next parameter
	open     bool   // there is a comment that does not end: parentheses mean nothing any more
	pieces   []piece
	problems []string
}

// piece is a parameter as it stands in the header: all of one, or a section of it (RFC 2231 section 3).
type piece struct {
	name    string
	section int  // -1 without a number
	star    bool // it is percent-encoded, and the first section begins with charset and language
	value   string
}

func (p *paramParser) problem(format string, args ...any) {
	if len(p.problems) < maxProblems {
		p.problems = append(p.problems, fmt.Sprintf(format, args...))
	}
}

// next goes to the next parameter.
func (p *paramParser) next() bool {
	p.rest = strings.TrimLeft(p.rest, "; \t")
	return p.rest != ""
}

// param reads a parameter.
func (p *paramParser) param() {
	end := strings.IndexAny(p.rest, "=;")
	if end < 0 || p.rest[end] == ';' {
		if end < 0 {
			end = len(p.rest)
		}
		if word := p.cut(end); word != "" {
			p.problem("%q is no parameter: it has no value", shown(word))
		}
		return
	}
	name := strings.ToValidUTF8(p.cut(end), string(utf8.RuneError))
	p.rest = p.rest[1:]
	value, quoted := p.text(true)
	if value == "" && !quoted {
		p.problem("parameter %s has no value", shown(name))
	}
	p.pieces = append(p.pieces, p.pieceOf(strings.ToLower(name), value))
}

// cut takes that much text off, without the comments before it and the blanks around it.
func (p *paramParser) cut(n int) string {
	word := strings.TrimLeft(p.rest[:n], " \t")
	p.rest = p.rest[n:]
	for strings.HasPrefix(word, "(") {
		n := p.comment(word)
		if n == 0 {
			break
		}
		word = strings.TrimLeft(word[n:], " \t")
	}
	return strings.TrimRight(word, " \t")
}

// shown is foreign text that is fit for a problem.
func shown(s string) string { return strings.ToValidUTF8(s[:min(len(s), 60)], "?") }

// text reads up to the next semicolon that is neither in quotes nor in a comment: a quoted string, or all that is there, without a
// comment at the end. Real mail has blanks, and parentheses, in values without quotes.
func (p *paramParser) text(quotes bool) (text string, quoted bool) {
	p.rest = strings.TrimLeft(p.rest, " \t")
	for n := p.comment(p.rest); n > 0 && n < len(p.rest) && isBlank(p.rest[n]); n = p.comment(p.rest) {
		p.rest = strings.TrimLeft(p.rest[n:], " \t")
	}
	if quotes && strings.HasPrefix(p.rest, `"`) {
		return p.quoted(), true
	}
	end, last, looked := 0, 0, 0
	for end < len(p.rest) && p.rest[end] != ';' {
		if end >= looked && end > 0 && isBlank(p.rest[end-1]) {
			n := p.comment(p.rest[end:])
			if after := strings.TrimLeft(p.rest[end+n:], " \t"); n > 0 && (after == "" || after[0] == ';') {
				end += n
				continue
			}
			looked = end + n
		}
		if end++; !isBlank(p.rest[end-1]) {
			last = end
		}
	}
	text = p.rest[:last]
	p.rest = p.rest[end:]
	return text, false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// comment returns the size of the comment that s begins with, 0 if it does not.
func (p *paramParser) comment(s string) int {
	if p.open || !strings.HasPrefix(s, "(") {
		return 0
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
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
	p.open = true
	p.problem("a comment does not end")
	return 0
}

// quoted reads a quoted string. A backslash quotes only quotes and backslashes: others are of file names with folders.
func (p *paramParser) quoted() string {
	var out strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.afterQuotes(i + 1)
			return out.String()
		case c == '\\' && i+1 < len(p.rest) && strings.IndexByte(`"\`, p.rest[i+1]) >= 0:
			i++
			out.WriteByte(p.rest[i])
		default:
			out.WriteByte(c)
		}
	}
	p.problem("a quote does not end")
	p.rest = ""
	return strings.TrimRight(out.String(), " \t")
}

// afterQuotes goes from behind a quoted string to the next semicolon.
func (p *paramParser) afterQuotes(at int) {
	p.rest = p.rest[at:]
	for {
		p.rest = strings.TrimLeft(p.rest, " \t")
		if p.rest == "" || p.rest[0] == ';' {
			return
		}
		n := p.comment(p.rest)
		if n == 0 {
			break
		}
		p.rest = p.rest[n:]
	}
	more, _, _ := strings.Cut(p.rest, ";")
	p.problem("there is text behind a quoted value: %q", shown(more))
	p.rest = p.rest[len(more):]
}

// maxSections bounds the numbers of RFC 2231.
const maxSections = 99999

// pieceOf reads the stars and the number behind a name.
func (p *paramParser) pieceOf(name, value string) piece {
	out := piece{name: name, section: -1, value: value}
	base, star := strings.CutSuffix(name, "*")
	if at := strings.LastIndexByte(base, '*'); at > 0 {
		if n, ok := sectionNumber(base[at+1:]); ok {
			out.name, out.section, out.star = strings.TrimRight(base[:at], " \t"), n, star
			return out
		}
		p.problem("parameter %s has no number where one should be", shown(name))
		return out
	}
	if star && base != "" {
		out.name, out.star = strings.TrimRight(base, " \t"), true
	}
	return out
}

func sectionNumber(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if n = n*10 + int(s[i]-'0'); n > maxSections {
			return 0, false
		}
	}
	return n, s != ""
}

// assembled puts the pieces together.
func (p *paramParser) assembled() []Param {
	byName := map[string][]piece{}
	for _, c := range p.pieces {
		byName[c.name] = append(byName[c.name], c)
	}
	var out []Param
	for _, c := range p.pieces {
		pieces := byName[c.name]
		if pieces == nil {
			continue
		}
		delete(byName, c.name)
		for _, value := range p.values(c.name, pieces) {
			out = append(out, Param{c.name, value})
		}
	}
	return out
}

// values returns what pieces of one name amount to: one value, or several if it is there more than once.
func (p *paramParser) values(name string, pieces []piece) []string {
	var whole, simple, sections []piece
	for _, c := range pieces {
		switch {
		case c.section >= 0:
			sections = append(sections, c)
		case c.star:
			whole = append(whole, c)
		default:
			simple = append(simple, c)
		}
	}
	best := simple
	if len(whole) > 0 {
		best = whole
	}
	if len(best) > 1 || len(whole) > 0 && len(sections) > 0 {
		p.problem("parameter %s is there more than once", shown(name))
	}
	var out []string
	if len(sections) > 0 {
		if len(whole) == 0 {
			best = nil
		}
		out = append(out, p.joined(name, sections))
	}
	for _, c := range best {
		out = append(out, p.single(name, c))
	}
	return out
}

// single decodes a value that is in one piece.
func (p *paramParser) single(name string, c piece) string {
	if c.star {
		return p.joined(name, []piece{c})
	}
	text, ok := DecodeText(c.value)
	if !ok {
		p.problem("parameter %s cannot be decoded for certain", shown(name))
	}
	return text
}

// joined decodes a value in sections, or in one with a star.
func (p *paramParser) joined(name string, sections []piece) string {
	slices.SortStableFunc(sections, func(a, b piece) int { return a.section - b.section })
	label, ok := "", true
	var bytes []byte
	for i, c := range sections {
		if c.section >= 0 && c.section != i {
			p.problem("parameter %s: its sections do not count from 0 in steps of 1", shown(name))
		}
		value := c.value
		if !c.star {
			bytes = append(bytes, value...)
			continue
		}
		if i == 0 {
			var found bool
			label, value, found = charsetOf(value)
			ok = ok && found
		}
		var good bool
		bytes, good = appendPercent(bytes, value)
		ok = ok && good
	}
	text, decoded := p.decode(label, bytes, sections[0].star)
	if text, clean := cleanText(text); !ok || !decoded || !clean {
		p.problem("parameter %s cannot be decoded for certain", shown(name))
		return text
	}
	return text
}

// decode turns the bytes of a value into text. Without a charset that is a guess only if there is anything to guess.
func (p *paramParser) decode(label string, b []byte, star bool) (string, bool) {
	if !star {
		return DecodeText(string(b))
	}
	if label == "" && !isASCII(string(b)) {
		label = "unknown-8bit"
	}
	return charset.Decode(label, b)
}

// charsetOf takes charset'language' off a value (RFC 2231 section 4).
func charsetOf(value string) (label, rest string, found bool) {
	parts := strings.SplitN(value, "'", 3)
	if len(parts) < 3 {
		return "", value, false
	}
	return parts[0], parts[2], true
}

// appendPercent decodes percent signs with two digits; others stay.
func appendPercent(dst []byte, value string) (_ []byte, ok bool) {
	ok = true
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			dst = append(dst, value[i])
			continue
		}
		b, good := hexByte(value[i+1:])
		if !good {
			dst, ok = append(dst, '%'), false
			continue
		}
		dst = append(dst, b)
		i += 2
	}
	return dst, ok
}
