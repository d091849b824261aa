package lua_test

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/pattern"
)

//go:embed pattern.lua
var patternChunk string

// budget is how many steps the four questions of a case may take here. What takes more is not asked: lua5.1 might never answer.
const budget = 20_000

// errBudget is what a case ends with that takes too long.
var errBudget = fmt.Errorf("more than %d steps", budget)

// TestPatternsAgainstLua holds string.find, match, gmatch and gsub to lua5.1 with patterns that a generator makes.
func TestPatternsAgainstLua(t *testing.T) {
	const cases, batch = 250_000, 2_500
	o := newOracle(t)
	g := &generator{Rand: rand.New(rand.NewPCG(5, 1))}
	asked, matched, slow, different := 0, 0, 0, 0
	for asked < cases && different < 5 {
		var questions []patternCase
		var answers [][]string
		for len(questions) < batch {
			c := g.next()
			if !askable(c) {
				continue
			}
			got, err := answersHere(c)
			if err != nil {
				slow++
				continue
			}
			questions, answers = append(questions, c), append(answers, got)
		}
		want := askPatterns(t, o, questions)
		for i, c := range questions {
			if !strings.HasPrefix(answers[i][0], text("nil")) {
				matched++
			}
			different += compare(t, c, answers[i], want[4*i:4*i+4])
		}
		asked += len(questions)
	}
	t.Logf("%d cases, %d with a match or an error, %d different; %d more were too slow to ask", asked, matched, different, slow)
	if slow*50 > asked {
		t.Errorf("%d of %d cases are too slow: more than 2%%", slow, asked)
	}
}

// FuzzAgainstLua holds them to lua5.1 with patterns that the fuzzer makes.
func FuzzAgainstLua(f *testing.F) {
	g := &generator{Rand: rand.New(rand.NewPCG(5, 2))}
	for range 50 {
		c := g.next()
		f.Add(c.pattern, c.subject, c.init, c.replacement)
	}
	o := newOracle(f)
	f.Fuzz(func(t *testing.T, p, subject string, init int, replacement string) {
		c := patternCase{p, subject, init, replacement}
		if len(p) > 60 || len(subject) > 60 || len(replacement) > 20 || init > 1e9 || init < -1e9 || !askable(c) {
			t.Skip("too much to ask")
		}
		got, err := answersHere(c)
		if err != nil {
			t.Skip(err)
		}
		compare(t, c, got, askPatterns(t, o, []patternCase{c}))
	})
}

// askPatterns asks lua5.1. It returns four answers for each case.
func askPatterns(t *testing.T, o *oracle, cases []patternCase) []string {
	t.Helper()
	var b strings.Builder
	for _, c := range cases {
		withZero := strings.ReplaceAll(c.pattern, "\x00", "%z")
		forFind := c.pattern
		if strings.ContainsAny(forFind, "^$*+?.([%-") {
			forFind = withZero
		}
		for _, s := range []string{forFind, withZero, c.subject, strconv.Itoa(c.init), c.replacement} {
			b.WriteString(text(s))
		}
	}
	answer, err := o.ask(patternChunk, b.String(), 2*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	all := texts(answer)
	if len(all) != 4*len(cases) {
		t.Fatalf("%d answers to %d cases", len(all), len(cases))
	}
	return all
}

// compare reports what is different, and returns 1 if anything is.
func compare(t *testing.T, c patternCase, got, want []string) int {
	t.Helper()
	for i, function := range []string{"find(%q, %q, %d)", "match(%q, %q, %d)", "gmatch(%q, %q)", "gsub(%q, %q, %q)"} {
		if got[i] == want[i] {
			continue
		}
		call := []any{c.subject, c.pattern, c.init}
		if i >= 2 {
			call = call[:2]
		}
		if i == 3 {
			call = append(call, c.replacement)
		}
		t.Errorf("string."+function+":\n   here %q\n lua5.1 %q", append(call, got[i], want[i])...)
		return 1
	}
	return 0
}

// askable tells whether lua5.1 can be asked. A NUL ends its patterns, so it is given a %z instead; that does not do behind a %, in a
// range, or for %b.
func askable(c patternCase) bool {
	p := c.pattern
	if !strings.Contains(p, "\x00") {
		return true
	}
	if strings.Contains(p, "%\x00") || strings.Contains(p, "[") && (strings.Contains(p, "-\x00") || strings.Contains(p, "\x00-")) {
		return false
	}
	for i := range len(p) {
		if strings.HasPrefix(p[i:], "%b") && strings.Contains(p[i:min(i+4, len(p))], "\x00") {
			return false
		}
	}
	return true
}

// answersHere is what pattern.lua answers. It fails with errBudget if that takes too long.
func answersHere(c patternCase) (answers []string, err error) {
	left := budget
	m := &pattern.Matcher{Spend: func(steps int) error {
		left -= steps
		if left < 0 {
			return errBudget
		}
		return nil
	}}
	h := here{m: m, p: pattern.Compile(c.pattern), patternCase: c}
	for _, ask := range []func() (string, error){h.find, h.match, h.gmatch, h.gsub} {
		answer, err := ask()
		if err == errBudget {
			return nil, err
		}
		if err != nil {
			answer += "error " + text(err.Error())
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

// here asks the package of ours.
type here struct {
	patternCase
	m *pattern.Matcher
	p *pattern.Pattern
}

func (h *here) find() (string, error) {
	found, err := h.m.Find(h.p, h.subject, pattern.Offset(h.init, len(h.subject)))
	if err != nil || !found {
		return none(err)
	}
	captures := ""
	if h.m.Captures() > 0 {
		if captures, err = h.captures(); err != nil {
			return "", err
		}
	}
	return text(strconv.Itoa(h.m.Start+1)) + text(strconv.Itoa(h.m.End)) + captures, nil
}

func (h *here) match() (string, error) {
	found, err := h.m.Match(h.p, h.subject, pattern.Offset(h.init, len(h.subject)))
	if err != nil || !found {
		return none(err)
	}
	return h.captures()
}

func (h *here) gmatch() (string, error) {
	all := ""
	for at := 0; ; at = h.m.After() {
		found, err := h.m.Next(h.p, h.subject, at)
		if err != nil || !found {
			return all, err
		}
		s, err := h.captures()
		if err != nil {
			return all, err
		}
		all += s + ";"
	}
}

func (h *here) gsub() (string, error) {
	out, n, err := h.m.Gsub(nil, h.p, h.subject, len(h.subject)+1, func(dst []byte) ([]byte, error) {
		return h.m.Expand(dst, h.subject, h.replacement)
	})
	if err != nil {
		return "", err
	}
	if n == 0 {
		out = []byte(h.subject)
	}
	return text(string(out)) + text(strconv.Itoa(n)), nil
}

func (h *here) captures() (string, error) {
	all := ""
	for i := range max(h.m.Captures(), 1) {
		start, end, isPosition, err := h.m.Capture(i)
		switch {
		case err != nil:
			return "", err
		case isPosition:
			all += text(strconv.Itoa(start + 1))
		default:
			all += text(h.subject[start:end])
		}
	}
	return all, nil
}

func none(err error) (string, error) {
	if err != nil {
		return "", err
	}
	return text("nil"), nil
}

// text is how texts are written.
func text(s string) string {
	return strconv.Itoa(len(s)) + ":" + s
}

// texts reads what was written one behind the other.
func texts(s string) []string {
	var all []string
	for s != "" {
		length, rest, _ := strings.Cut(s, ":")
		n, err := strconv.Atoi(length)
		if err != nil || n > len(rest) {
			return nil
		}
		all = append(all, rest[:n])
		s = rest[n:]
	}
	return all
}
