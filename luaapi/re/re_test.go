package re

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

func never(time.Duration) error { return nil }

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, source, flags, text string
		want                      []int
	}{
		{"a match and its captures", `(\w+)@(?P<domain>[\w.]+)`, "", "to: jane@example.com", []int{4, 20, 4, 8, 9, 20}},
		{"a capture that took no part", `a(b)?`, "", "ac", []int{0, 1, -1, -1}},
		{"none", `x`, "", "abc", nil},
		{"case", `GRÜẞE`, "i", "grüße", []int{0, 7}},
		{"lines", `^b$`, "m", "a\nb\nc", []int{2, 3}},
		{"line breaks", `a.b`, "s", "a\nb", []int{0, 3}},
		{"several flags", `^A.B`, "ims", "x\na\nb", []int{2, 5}},
		{"a byte that is no UTF-8 is a character", `a.b`, "", "\xffa\xe9b", []int{1, 4}},
		{"which is not in a class of ASCII", `[^\x00-\x7f]`, "", "ab\xff", []int{2, 3}},
		{"bytes", `a.b`, "b", "a\xe9b", []int{0, 3}},
		{"a byte by its number", `\xe9`, "b", "a\xe9b", []int{1, 2}},
		{"a character of UTF-8 is several bytes", `^..$`, "b", "é", []int{0, 2}},
		{"empty", ``, "", "", []int{0, 0}},
	} {
		r, err := Compile(c.source, c.flags)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := r.Find(c.text); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if r.Test(c.text) != (c.want != nil) {
			t.Errorf("%s: Test says %v", c.name, r.Test(c.text))
		}
	}
}

func TestNames(t *testing.T) {
	r, err := Compile(`(a)(?P<b>b)(?<c>c)`, "")
	if err != nil || !reflect.DeepEqual(r.Names(), []string{"", "", "b", "c"}) {
		t.Errorf("%q, %v", r.Names(), err)
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct{ source, flags, want string }{
		{`a(`, "", `"a(" is no expression: missing closing ): ` + "`a(`"},
		{`a(?=b)`, "", `"a(?=b)" is no expression: invalid or unsupported Perl syntax: ` + "`(?=`"},
		{`(a)\1`, "", `"(a)\\1" is no expression: invalid escape sequence: ` + "`\\1`"},
		{`a{1001}`, "", `"a{1001}" is no expression: invalid repeat count: ` + "`{1001}`"},
		{`a`, "x", `there is no flag 'x'; there are i (ignores case), m (^ and $ match at lines), s (. matches line breaks) and b (bytes)`},
		{"a\x00", "", `"a\x00" has a NUL in it; write \x00`},
		{strings.Repeat("a", MaxExpression+1), "", "the expression has 16385 bytes, of at most 16384"},
	} {
		if _, err := Compile(c.source, c.flags); err == nil || err.Error() != c.want {
			t.Errorf("%.20s: %v, want %s", c.source, err, c.want)
		}
	}
	if _, err := Compile(`((((a{100}){100}){100}){100})`, ""); err == nil {
		t.Error("an expression of a hundred million letters compiles")
	}
}

func TestAll(t *testing.T) {
	for _, c := range []struct {
		name, source, text string
		most               int
		want               string
	}{
		{"all", `a(b?)`, "abaab", -1, "[[0 2 1 2] [2 3 3 3] [3 5 4 5]]"},
		{"some", `a`, "aaa", 2, "[[0 1] [1 2]]"},
		{"none wanted", `a`, "aaa", 0, "[]"},
		{"empty matches", `x*`, "axb", -1, "[[0 0] [1 2] [3 3]]"},
		{"bytes that are no UTF-8", `.`, "\xffé\xfe", -1, "[[0 1] [1 3] [3 4]]"},
	} {
		r, err := Compile(c.source, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.All(c.text, c.most, never)
		if s := fmt.Sprint(got); err != nil || s != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, s, err, c.want)
		}
	}
}

func TestAllBatches(t *testing.T) {
	r, err := Compile(`a`, "")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	got, err := r.All(strings.Repeat("a", 20_000), -1, func(time.Duration) error { asked++; return nil })
	if err != nil || len(got) != 20_000 || asked != 3 {
		t.Errorf("%d matches, asked %d times, %v", len(got), asked, err)
	}
	no := errors.New("no")
	if _, err := r.All(strings.Repeat("a", 20_000), -1, func(time.Duration) error { return no }); err != no {
		t.Errorf("went on: %v", err)
	}
	if got, err := r.All(strings.Repeat("a", 64), -1, never); err != nil || len(got) != 64 {
		t.Errorf("%d, %v", len(got), err)
	}
	if _, err := r.All(strings.Repeat("a", MaxMatches+1), -1, never); err == nil || err.Error() != `there are more than 100000 matches of "a"` {
		t.Errorf("too many: %v", err)
	}
}

func TestSet(t *testing.T) {
	s, err := CompileSet([]string{`lottery`, `^dear`, `\d{3}`, `é`}, "i")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"Dear LOTTERY": "[0 1]", "123\xff É": "[2 3]", "x": "[]"} {
		if got, err := s.Find(text); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
	if _, err := CompileSet([]string{"a", "("}, ""); err == nil || !strings.HasPrefix(err.Error(), `expression 2: "(" is no expression`) {
		t.Errorf("wrong one: %v", err)
	}
	if _, err := CompileSet(make([]string, MaxSet+1), ""); err == nil {
		t.Error("there may be as many as one likes")
	}
	none, err := CompileSet(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := none.Find("x"); err != nil || got != nil || none.Size() != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCache(t *testing.T) {
	var c Cache
	a, _ := c.Compile("a", "")
	b, _ := c.Compile("a", "i")
	again, _ := c.Compile("a", "")
	if a != again || a == b || !c.Knows("a", "i") || c.Knows("b", "") {
		t.Error("an expression is not kept with its flags")
	}
	s, _ := c.CompileSet([]string{"a", "b"}, "")
	t2, _ := c.CompileSet([]string{"a", "b"}, "")
	if s != t2 || !c.KnowsSet([]string{"a", "b"}, "") {
		t.Error("a set is not kept")
	}
	for i := range maxCached {
		if _, err := c.Compile(fmt.Sprint("x", i), ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.kept)+len(c.sets) > maxCached || c.Knows("a", "") {
		t.Errorf("it keeps %d", len(c.kept))
	}
	if _, err := c.Compile("(", ""); err == nil || c.Knows("(", "") {
		t.Error("a mistake is kept")
	}
}

// FuzzRegexp compares RE2 with the standard library, where both take an expression.
func FuzzRegexp(f *testing.F) {
	f.Add(`(a+)(b?)`, "aab\xffé")
	f.Add(`(?i)[^a]\b.$`, "Aé\xc3 x\n")
	f.Add(`(?s)^.*?(x|$)`, "a\nx")
	f.Fuzz(func(t *testing.T, source, text string) {
		if len(source) > 100 || len(text) > 1000 {
			return
		}
		r, err := Compile(source, "")
		std, stdErr := regexp.Compile(source)
		if err != nil || stdErr != nil {
			return // they differ in what they take; see the tests
		}
		if got, want := r.Find(text), std.FindStringSubmatchIndex(text); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q in %q: %v, the standard library %v", source, text, got, want)
		}
	})
}

var benchmarks = []struct{ name, source string }{
	{"alternatives", `(?i)lottery|inheritance|invoice|prize`},
	{"captures", `(\w+)@(\w+)\.example`},
	{"classes", `[A-Z]{3,}\d+`},
	{"url", `https?://[^\s"<>]+`},
	{"word", `lottery`},
}

// BenchmarkFind is where doc.go has its figures from.
func BenchmarkFind(b *testing.B) {
	line := "A sentence of plain letters, as most mail has them, that goes on to the edge of a line of 98 bytes.\r\n"
	for _, c := range benchmarks {
		r, err := Compile(c.source, "")
		if err != nil {
			b.Fatal(err)
		}
		std := regexp.MustCompile(c.source)
		for _, text := range []string{line, strings.Repeat(line, 650)} {
			name := fmt.Sprintf("%s/%d", c.name, len(text))
			b.Run(name+"/re2", func(b *testing.B) {
				for b.Loop() {
					r.Find(text)
				}
			})
			b.Run(name+"/std", func(b *testing.B) {
				for b.Loop() {
					std.FindStringSubmatchIndex(text)
				}
			})
		}
	}
}
