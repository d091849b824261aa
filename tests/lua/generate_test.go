package lua_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// patternCase is a question to the string functions.
type patternCase struct {
	pattern, subject string
	init             int
	replacement      string
}

// generator makes patterns, and subjects that they are likely to match.
type generator struct {
	*rand.Rand
	pattern, sample strings.Builder
	// texts are the samples of the captures so far; those that are open have the offset of their beginning in opened.
	texts  []string
	opened []int
	open   []int
}

var (
	letters    = []string{"a", "b", "a", "b", "c", "A", "1", "0", " ", "\t", "\n", "\r\n", "=", ".", "@", ",", "(", ")", "[", "]", "\x00", "\xff", "\xe9", "\x7f"}
	common     = []string{"a", "b", "a", "b", "ab", "1", " "}
	ranges     = []string{"a-c", "0-9", "b-z", "A-Z", "\x80-\xff", "\x01-\x1f", "%a-z", "a-", "-a", "%-", "z-a", "a-%%", "+--"}
	characters = []string{"%a", "%c", "%d", "%l", "%p", "%s", "%u", "%w", "%x", "%z", "%A", "%C", "%D", "%L", "%P", "%S", "%U", "%W", "%X", "%Z"}
	wreckers   = []string{"%", "[", "]", "(", ")", "^", "$", "*", "-", "?", "+", ".", "%b", "%f", "%1", "%2", "%9", "%0", "()", "[^", "\x00", "%bxy", "%f[%w]", "%g", "%e"}
	parts      = []string{"%0", "%1", "%2", "%3", "%%", "%a", "x", "-", "<", "\x00", "%9", "%", "\xff", "%\x00"}
)

func (g *generator) one(of []string) string {
	return of[g.IntN(len(of))]
}

func (g *generator) chance(percent int) bool {
	return g.IntN(100) < percent
}

// next makes a case. One pattern in six is broken.
func (g *generator) next() patternCase {
	g.pattern.Reset()
	g.sample.Reset()
	g.texts, g.opened, g.open = g.texts[:0], g.opened[:0], g.open[:0]
	if g.chance(15) {
		g.pattern.WriteByte('^')
	}
	for range 1 + g.IntN(6) {
		g.item()
	}
	for len(g.open) > 0 {
		g.closeCapture()
	}
	if g.chance(15) {
		g.pattern.WriteByte('$')
	}
	pattern := g.pattern.String()
	for g.chance(15) {
		pattern = g.wreck(pattern)
	}
	c := patternCase{pattern: pattern, subject: g.subject(), replacement: g.replacement(), init: 1}
	if g.chance(30) {
		c.init = g.IntN(2*len(c.subject)+6) - len(c.subject) - 3
	}
	return c
}

func (g *generator) item() {
	switch n := g.IntN(100); {
	case n < 8:
		g.pattern.WriteByte('(')
		g.open = append(g.open, len(g.texts))
		g.texts = append(g.texts, "")
		g.opened = append(g.opened, g.sample.Len())
	case n < 18 && len(g.open) > 0:
		g.closeCapture()
	case n < 22:
		g.pattern.WriteString("()")
		g.texts = append(g.texts, "")
		g.opened = append(g.opened, 0)
	case n < 28 && len(g.texts) > 0:
		k := g.IntN(len(g.texts))
		g.pattern.WriteString("%" + strconv.Itoa(k+1))
		g.sample.WriteString(g.texts[k])
	case n < 33:
		g.pattern.WriteString(g.one([]string{"%b()", "%b()", "%bab", "%baa", "%b[]", "%b\xff1"}))
		g.sample.WriteString(g.one([]string{"(a(b))", "()", "((a)", "ab", "aabb", "aa", "[a]", "\xff1"}))
	case n < 38:
		g.pattern.WriteString("%f" + g.set())
	default:
		g.character()
	}
}

func (g *generator) closeCapture() {
	k := g.open[len(g.open)-1]
	g.open = g.open[:len(g.open)-1]
	g.pattern.WriteByte(')')
	g.texts[k] = g.sample.String()[g.opened[k]:]
}

// character makes a single character with or without a quantifier.
func (g *generator) character() {
	text := g.one(common)
	switch n := g.IntN(100); {
	case n < 35:
		if strings.ContainsAny(text, "^$*+?.([%-") {
			g.pattern.WriteByte('%')
		}
		g.pattern.WriteString(text)
	case n < 40:
		text = g.one(letters)
		if strings.ContainsAny(text, "^$*+?.([%-)]") {
			g.pattern.WriteByte('%')
		}
		g.pattern.WriteString(text)
	case n < 55:
		g.pattern.WriteByte('.')
		text = g.one(letters)
	case n < 75:
		g.pattern.WriteString(g.one(characters))
		text = g.one(letters)
	default:
		g.pattern.WriteString(g.set())
		text = g.one(letters)
	}
	times := 1
	if g.chance(50) {
		how := g.one([]string{"*", "+", "-", "?"})
		g.pattern.WriteString(how)
		times = g.IntN(4)
		if how == "?" {
			times = g.IntN(2)
		}
	}
	for range times {
		g.sample.WriteString(text)
	}
}

func (g *generator) set() string {
	var b strings.Builder
	b.WriteByte('[')
	if g.chance(30) {
		b.WriteByte('^')
	}
	if g.chance(8) {
		b.WriteByte(']')
	}
	for range 1 + g.IntN(3) {
		switch g.IntN(4) {
		case 0:
			b.WriteString(g.one(ranges))
		case 1:
			b.WriteString(g.one(characters))
		default:
			if c := g.one(letters); c != "]" {
				b.WriteString(c)
			}
		}
	}
	b.WriteByte(']')
	return b.String()
}

// wreck breaks a pattern, most times.
func (g *generator) wreck(pattern string) string {
	i := g.IntN(len(pattern) + 1)
	switch g.IntN(3) {
	case 0:
		return pattern[:i]
	case 1:
		return pattern[:i] + pattern[min(i+1, len(pattern)):]
	default:
		return pattern[:i] + g.one(wreckers) + pattern[i:]
	}
}

// subject makes one of samples, and of what is not.
func (g *generator) subject() string {
	var b strings.Builder
	for range g.IntN(3) {
		for range g.IntN(5) {
			b.WriteString(g.one(letters))
		}
		b.WriteString(g.sample.String())
	}
	for range g.IntN(4) {
		b.WriteString(g.one(common))
	}
	s := b.String()
	if s != "" && g.chance(20) {
		i := g.IntN(len(s))
		s = s[:i] + g.one(letters) + s[i+1:]
	}
	if g.chance(3) {
		return strings.Repeat(s, 10)
	}
	return s
}

func (g *generator) replacement() string {
	var b strings.Builder
	for range g.IntN(4) {
		b.WriteString(g.one(parts))
	}
	return b.String()
}
