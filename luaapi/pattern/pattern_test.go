package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// matched shows what string.match returns: values between bars, "-" for no match, or the error.
func matched(p, s string, init int) string {
	var m Matcher
	found, err := m.Match(Compile(p), s, Offset(init, len(s)))
	switch {
	case err != nil:
		return err.Error()
	case !found:
		return "-"
	}
	return m.values(s)
}

func (m *Matcher) values(s string) string {
	var all []string
	for i := range max(m.Captures(), 1) {
		start, end, isPosition, err := m.Capture(i)
		switch {
		case err != nil:
			return err.Error()
		case isPosition:
			all = append(all, fmt.Sprint(start+1))
		default:
			all = append(all, s[start:end])
		}
	}
	return strings.Join(all, "|")
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct{ name, pattern, subject, want string }{
		{"an empty pattern matches at once", "", "abc", ""},
		{"text matches itself", "b", "abc", "b"},
		{"a dot is any byte", "a.c", "a\x00c", "a\x00c"},
		{"a dot is one byte, not one letter", "^.$", "é", "-"},
		{"% makes a special ordinary", "%.%%%$", "a.%$", ".%$"},
		{"% makes a letter that is no class ordinary", "%g%e", "age", "ge"},
		{"a class", "%d%a%s", "x1a ", "1a "},
		{"its complement", "%D%A%S", "1a12", "a12"},
		{"classes are those of the C locale", "%a", "\xe9", "-"},
		{"%z is NUL", "%z", "a\x00", "\x00"},
		{"a NUL in a pattern is a byte", "a\x00b", "xa\x00b", "a\x00b"},
		{"a NUL in a set is a byte", "[\x00-\x1f]+", "a\x00\x01b", "\x00\x01"},
		{"a NUL can be escaped", "(a)%\x00", "a\x00", "a"},

		{"a set", "[abc]+", "xxbacx", "bac"},
		{"a range", "[0-9a-f]+", "xyz09af", "09af"},
		{"a complement", "[^abc]+", "abxyc", "xy"},
		{"a bracket at the first place of a set is a member", "[]]+", "a]]", "]]"},
		{"and of a complement", "[^]]+", "]ab]", "ab"},
		{"a minus at the end of a set is a member", "[a-]+", "x-a-", "-a-"},
		{"a class does not begin a range", "[%a-z]+", "1b-c", "b-c"},
		{"a ^ behind the first place is a member", "[a^]+", "x^a", "^a"},
		{"a range may end in %, and then the next % escapes the bracket", "[+-%%]", "]", "]"},
		{"an inverted range is empty", "[z-a]", "zaf", "-"},

		{"* takes the most", "a*", "aaab", "aaa"},
		{"* takes none", "b*", "aab", ""},
		{"+ takes one at least", "b+", "abb", "bb"},
		{"- takes the fewest", "a.-b", "axbxb", "axb"},
		{"- takes more when it must", "^a.-b$", "axbxb", "axbxb"},
		{"? takes one", "ab?c", "abc", "abc"},
		{"? takes none", "ab?c", "ac", "ac"},
		{"? gives back", "^a?ab", "ab", "ab"},
		{"* gives back", "^a*ab", "aaab", "aaab"},
		{"a quantifier behind a capture is ordinary", "(a)*", "a*", "a"},
		{"a quantifier at the beginning is ordinary", "*a", "*a", "*a"},

		{"^ holds the match to the beginning", "^b", "ab", "-"},
		{"^ elsewhere is ordinary", "a^b", "a^b", "a^b"},
		{"^ behind a capture is ordinary", "(^a)", "^a", "^a"},
		{"$ holds it to the end", "b$", "bab", "b"},
		{"$ elsewhere is ordinary", "a$b", "a$b", "a$b"},
		{"$ before the end of a capture is ordinary", "(b$)", "b$", "b$"},

		{"a capture", "(%w+)@(%w+)", "<me@here>", "me|here"},
		{"captures in captures", "((a)(b))", "ab", "ab|a|b"},
		{"a position", "()b()", "abc", "2|3"},
		{"a back reference", "(['\"])(.-)%1", `say "it's"`, `"|it's`},
		{"a reference to an empty capture", "(x?)a%1", "a", ""},
		{"a reference to a position never matches", "()%1", "aa", "-"},
		{"32 captures", strings.Repeat("()", 32), "", strings.TrimPrefix(strings.Repeat("|1", 32), "|")},

		{"%b", "%b()", "f(a(b)c)d)", "(a(b)c)"},
		{"%b with the same byte twice", "%b||", "a|b|c|", "|b|"},
		{"%b that is not closed", "%b()", "((a)", "(a)"},
		{"%f", "%f[%w]%w+", "  word", "word"},
		{"%f at the end", "%f[%z]", "ab", ""},
		{"%f looks before the beginning", "%f[%W]()", "ab", "3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := matched(tt.pattern, tt.subject, 1); got != tt.want {
				t.Errorf("match(%q, %q) = %q, want %q", tt.subject, tt.pattern, got, tt.want)
			}
		})
	}
}

func TestInit(t *testing.T) {
	for _, tt := range []struct {
		pattern, subject string
		init             int
		want             string
	}{
		{"()a", "aaa", 2, "2"}, {"()a", "aaa", -1, "3"}, {"()a", "aaa", -9, "1"}, {"()a", "aaa", 0, "1"}, {"()a", "aaa", 4, "-"},
		{"()", "aaa", 4, "4"}, {"()", "aaa", 99, "4"}, {"^b", "ab", 2, "b"}, {"%f[%w]%w+", "word", 2, "-"},
	} {
		if got := matched(tt.pattern, tt.subject, tt.init); got != tt.want {
			t.Errorf("match(%q, %q, %d) = %q, want %q", tt.subject, tt.pattern, tt.init, got, tt.want)
		}
	}
}

// Find takes a pattern without specials for a text, so that a lone ) is no error; Match does not.
func TestFindTakesPlainPatternsForTexts(t *testing.T) {
	var m Matcher
	found, err := m.Find(Compile("b)"), "(ab)c", 0)
	if !found || err != nil || m.Start != 2 || m.End != 4 || m.Captures() != 0 {
		t.Errorf("find: %v, %v, %d-%d", found, err, m.Start, m.End)
	}
	if got := matched("b)", "(ab)c", 1); got != ErrClose.Error() {
		t.Errorf("match: %q, want %q", got, ErrClose)
	}
}

func TestFindText(t *testing.T) {
	var m Matcher
	if found, err := m.FindText("a.", "aba.", 0); !found || err != nil || m.Start != 2 || m.End != 4 {
		t.Errorf("%v, %v, %d-%d", found, err, m.Start, m.End)
	}
	if found, _ := m.FindText("b", "aba", 2); found {
		t.Error("finds what is before init")
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ pattern, subject, want string }{
		{"a%", "a", "malformed pattern (ends with '%')"},
		{"[a", "a", "malformed pattern (missing ']')"},
		{"[]", "a", "malformed pattern (missing ']')"},
		{"[^", "a", "malformed pattern (missing ']')"},
		{"[a%", "a", "malformed pattern (missing ']')"},
		{"[%]", "a", "malformed pattern (missing ']')"},
		{"%b", "a", "unbalanced pattern"},
		{"%bx", "a", "unbalanced pattern"},
		{"%f", "a", "missing '[' after '%f' in pattern"},
		{"%fa", "a", "missing '[' after '%f' in pattern"},
		{"%f[a", "a", "malformed pattern (missing ']')"},
		{"%1", "a", "invalid capture index"},
		{"%0", "a", "invalid capture index"},
		{"(%1)", "a", "invalid capture index"},
		{"(a)%2", "a", "invalid capture index"},
		{"a)", "a", "invalid pattern capture"},
		{"(a", "a", "unfinished capture"},
		{strings.Repeat("()", 33), "a", "too many captures"},
		{"a%", "x", "-"}, // the match never gets there
		{"aaa[", "aa", "-"},
		{"x*[", "", "malformed pattern (missing ']')"},
	} {
		if got := matched(tt.pattern, tt.subject, 1); got != tt.want {
			t.Errorf("match(%q, %q) = %q, want %q", tt.subject, tt.pattern, got, tt.want)
		}
	}
}

func TestGmatch(t *testing.T) {
	for _, tt := range []struct{ pattern, subject, want string }{
		{"%a+", "one two", "one,two"},
		{"()b*", "abc", "1,2,3,4"},
		{"", "ab", ",,"},
		{"^a", "^a^a", "^a,^a"}, // not an anchor here
		{"(%w)=(%w)", "a=1, b=2", "a|1,b|2"},
	} {
		var m Matcher
		var all []string
		p := Compile(tt.pattern)
		for at := 0; ; at = m.After() {
			if found, err := m.Next(p, tt.subject, at); !found || err != nil {
				break
			}
			all = append(all, m.values(tt.subject))
		}
		if got := strings.Join(all, ","); got != tt.want {
			t.Errorf("gmatch(%q, %q): %q, want %q", tt.subject, tt.pattern, got, tt.want)
		}
	}
}

func TestGsub(t *testing.T) {
	for _, tt := range []struct {
		subject, pattern, replacement string
		most                          int
		want                          string
	}{
		{"abc", "%w", "%0%0", 9, "aabbcc 3"},
		{"abc", "%w", "%1", 9, "abc 3"}, // without captures, %1 is the match
		{"hello world", "(%w+) (%w+)", "%2 %1", 9, "world hello 1"},
		{"abc", "()", "%1", 9, "1a2b3c4 4"},
		{"abc", "b*", "-", 9, "-a--c- 4"},
		{"abc", "", "-", 2, "-a-bc 2"},
		{"abc", "^%w", "-", 9, "-bc 1"},
		{"abc", "%w", "%a%%%.", 9, "a%.a%.a%. 3"},
		{"abc", "b", "x%", 9, "ax\x00c 1"},
		{"abc", "b", "x", 0, " 0"},
		{"abc", "x", "y", 9, " 0"},
		{"abc", "(b", "x", 9, "axc 1"}, // nobody asks for the capture
		{"abc", "(b", "%1", 9, "unfinished capture"},
		{"abc", "(b)", "%2", 9, "invalid capture index"},
		{"abc", "b)", "%1", 9, "invalid pattern capture"},
	} {
		var m Matcher
		out, n, err := m.Gsub(nil, Compile(tt.pattern), tt.subject, tt.most, func(dst []byte) ([]byte, error) {
			return m.Expand(dst, tt.subject, tt.replacement)
		})
		got := fmt.Sprintf("%s %d", out, n)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("gsub(%q, %q, %q, %d): %q, want %q", tt.subject, tt.pattern, tt.replacement, tt.most, got, tt.want)
		}
	}
}

// A replacement function may match other things with the same Matcher.
func TestGsubInGsub(t *testing.T) {
	var m Matcher
	outer, inner := Compile("%w+"), Compile("o")
	s := "foo bar boo"
	out, n, err := m.Gsub(nil, outer, s, 9, func(dst []byte) ([]byte, error) {
		word := s[m.Start:m.End]
		dst, k, err := m.Gsub(dst, inner, word, 9, func(dst []byte) ([]byte, error) { return append(dst, '0'), nil })
		if k == 0 {
			dst = append(dst, word...)
		}
		return dst, err
	})
	if string(out) != "f00 bar b00" || n != 3 || err != nil {
		t.Errorf("%q, %d, %v", out, n, err)
	}
}
