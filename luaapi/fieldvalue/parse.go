package fieldvalue

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Value is a field value with parameters, as Content-Type and Content-Disposition have it, taken apart and not decoded.
type Value struct {
	Main     string   // what is before the first semicolon, without comments
	Params   []Param  // in the order in which they stand there
	Problems []string // what was odd about how it is written, in words; at most maxProblems
}

// Param is a parameter of a field value.
type Param struct {
	Name  string // in small letters; as it stands there, with the asterisks of RFC 2231
	Value string // without quotes; as it stands there, perhaps not UTF-8
}

// maxProblems are enough to see what a value is like.
const maxProblems = 10

// Parse takes a value apart. There is none that it refuses.
//
// It reads what real mail has: blanks and parentheses in values without quotes, quotes and comments that do not end, blanks around equals
// signs, missing semicolons. A comment counts before and behind a value, not within it.
func Parse(value string) Value {
	p := parser{rest: Unfold(value)}
	p.Main = p.main()
	for p.next() {
		p.param()
	}
	return p.Value
}

// parser reads a value from the left to the right. It looks at each byte a bounded number of times.
type parser struct {
	Value
	rest string // not yet read
	open bool   // there is a comment that does not end: parentheses mean nothing any more
}

func (v *Value) problem(format string, args ...any) {
	if len(v.Problems) < maxProblems {
		v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
	}
}

// shown is foreign text that is fit for a problem.
func shown(s string) string { return strings.ToValidUTF8(s[:min(len(s), 60)], "?") }

// main reads up to the first semicolon, or the first parameter if the semicolon is missing.
func (p *parser) main() string {
	var out strings.Builder
	looked := false
	for p.rest != "" && p.rest[0] != ';' {
		gap := len(p.rest) - len(strings.TrimLeft(p.rest, blanks))
		skip := max(gap, p.comment(p.rest))
		if skip == 0 {
			word := p.rest[:wordEnd(p.rest)]
			p.rest = p.rest[len(word):]
			if out.Len() == 0 && (p.rest == "" || p.rest[0] == ';') {
				return word // as it is nearly always
			}
			out.WriteString(word)
			continue
		}
		if out.Len() > 0 {
			out.WriteString(p.rest[:gap])
		}
		p.rest = p.rest[skip:]
		if looked || out.Len() == 0 || p.rest == "" || strings.IndexByte("("+blanks, p.rest[0]) >= 0 {
			continue
		}
		looked = true
		if name := paramName(p.rest); name != "" {
			p.problem("a semicolon is missing before %s", shown(name))
			break
		}
	}
	return strings.TrimRight(out.String(), blanks)
}

// wordEnd returns where the next blank, semicolon or parenthesis is behind the first byte.
func wordEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case ' ', '\t', ';', '(':
			return i
		}
	}
	return len(s)
}

// paramName returns the name of the parameter that s begins with, "" if it does not begin with one.
func paramName(s string) string {
	end := strings.IndexAny(s, "=;")
	if end < 0 || s[end] == ';' {
		return ""
	}
	name := strings.TrimRight(s[:end], blanks)
	if strings.ContainsAny(name, blanks+`()"?`) {
		return ""
	}
	return name
}

const blanks = " \t"

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func (p *parser) trim() { p.rest = strings.TrimLeft(p.rest, blanks) }

// next goes to the next parameter.
func (p *parser) next() bool {
	p.rest = strings.TrimLeft(p.rest, ";"+blanks)
	return p.rest != ""
}

// param reads a parameter.
func (p *parser) param() {
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
	value, quoted := p.value()
	if value == "" && !quoted {
		p.problem("parameter %s has no value", shown(name))
	}
	p.Params = append(p.Params, Param{strings.ToLower(name), value})
}

// cut takes that much text off, without the comments before it and the blanks around it.
func (p *parser) cut(n int) string {
	word := strings.TrimLeft(p.rest[:n], blanks)
	p.rest = p.rest[n:]
	for n := p.comment(word); n > 0; n = p.comment(word) {
		word = strings.TrimLeft(word[n:], blanks)
	}
	return strings.TrimRight(word, blanks)
}

// value reads up to the next semicolon that is neither in quotes nor in a comment: a quoted string, or all that is there, without a
// comment at the end.
func (p *parser) value() (text string, quoted bool) {
	p.trim()
	for n := p.comment(p.rest); n > 0 && n < len(p.rest) && isBlank(p.rest[n]); n = p.comment(p.rest) {
		p.rest = p.rest[n:]
		p.trim()
	}
	if strings.HasPrefix(p.rest, `"`) {
		return p.quoted(), true
	}
	end, last, looked := 0, 0, 0
	for end < len(p.rest) && p.rest[end] != ';' {
		if end >= looked && end > 0 && isBlank(p.rest[end-1]) {
			n := p.comment(p.rest[end:])
			if after := strings.TrimLeft(p.rest[end+n:], blanks); n > 0 && (after == "" || after[0] == ';') {
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

// comment returns the size of the comment that s begins with (RFC 5322 section 3.2.2), 0 if it does not.
func (p *parser) comment(s string) int {
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
func (p *parser) quoted() string {
	if end := strings.IndexAny(p.rest[1:], `"\`) + 1; end > 0 && p.rest[end] == '"' {
		text := p.rest[1:end]
		p.rest = p.rest[end+1:]
		p.afterQuotes()
		return text
	}
	var out strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			p.afterQuotes()
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
	return strings.TrimRight(out.String(), blanks)
}

// afterQuotes goes from behind a quoted string to the next semicolon, or to the next parameter if the semicolon is missing.
func (p *parser) afterQuotes() {
	p.trim()
	for n := p.comment(p.rest); n > 0; n = p.comment(p.rest) {
		p.rest = p.rest[n:]
		p.trim()
	}
	if p.rest == "" || p.rest[0] == ';' {
		return
	}
	end := strings.IndexAny(p.rest, "=;")
	if end < 0 {
		end = len(p.rest)
	}
	p.problem("there is text behind a quoted value: %q", shown(p.rest[:end]))
	if end == len(p.rest) || p.rest[end] == ';' {
		p.rest = p.rest[end:]
	}
}
