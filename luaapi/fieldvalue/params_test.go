package fieldvalue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParams(t *testing.T) {
	for _, tt := range []struct{ name, value, want, problems string }{
		{"none", "text/plain", "text/plain", ""},
		{"empty", "", "", ""},
		{"blanks", " text/plain ;  ", "text/plain", ""},
		{"one", "text/plain; charset=utf-8", "text/plain|charset=utf-8", ""},
		{"capitals", "Text/Plain; CHARSET=UTF-8", "Text/Plain|charset=UTF-8", ""},
		{"folded", "text/plain;\n\tcharset=utf-8;\r\n format=flowed", "text/plain|charset=utf-8|format=flowed", ""},
		{"quotes", `a/b; name="x; y = \"z\".txt"; b=c`, `a/b|name=x; y = "z".txt|b=c`, ""},
		{"a folder in quotes", `a/b; name="C:\dir\x.exe"`, `a/b|name=C:\dir\x.exe`, ""},
		{"empty quotes", `a/b; name=""`, `a/b|name=`, ""},
		{"blanks around =", `a/b; name = "x" ; b = c `, `a/b|name=x|b=c`, ""},
		{"blanks in a value", `a/b; name=my file.pdf; b=c`, `a/b|name=my file.pdf|b=c`, ""},
		{"comments", `a/b (one; two); (three) b=c (four); (five) d="e" (six)`, `a/b|b=c|d=e`, ""},
		{"a comment in a comment", `a/b (one (two) \) x); b=c`, `a/b|b=c`, ""},
		{"parentheses in a value", `a/b; name=file (1).pdf; b=x(y)`, `a/b|name=file (1).pdf|b=x(y)`, ""},
		{"a comment that does not end", `a/b (one; name=x`, `a/b (one|name=x`, "a comment does not end"},
		{"a quote that does not end", `a/b; name="x.exe; b=c `, `a/b|name=x.exe; b=c`, "a quote does not end"},
		{"text behind quotes", `a/b; name="x" y; b=c`, `a/b|name=x|b=c`, `there is text behind a quoted value: "y"`},
		{"no value", `a/b; name; b=; c=d`, `a/b|b=|c=d`, `"name" is no parameter: it has no value; parameter b has no value`},
		{"twice", `a/b; name=x.txt; name=y.exe`, `a/b|name=x.txt|name=y.exe`, "parameter name is there more than once"},
		{"percent-encoded", `attachment; filename*=UTF-8''Gr%C3%BC%c3%9Fe.txt`, `attachment|filename=Grüße.txt`, ""},
		{"with a language", `a; filename*=iso-8859-1'de'Gr%FC%DFe`, `a|filename=Grüße`, ""},
		{"in quotes", `a; filename*="utf-8''%C3%BC b"`, `a|filename=ü b`, ""},
		{"both forms", `a; filename="Gr__e.txt"; filename*=utf-8''%C3%BC; b=c`, `a|filename=ü|b=c`, ""},
		{"both forms, the other way round", `a; filename*=utf-8''%C3%BC; filename="x"`, `a|filename=ü`, ""},
		{"no charset", `a; filename*=''%41%C3%BC`, `a|filename=Aü`, "parameter filename cannot be decoded for certain"},
		{"no charset, ASCII", `a; filename*=''%41`, `a|filename=A`, ""},
		{"no quotes of RFC 2231", `a; filename*=%41b`, `a|filename=Ab`, "parameter filename cannot be decoded for certain"},
		{"broken percent", `a; filename*=utf-8''1%2g%`, `a|filename=1%2g%`, "parameter filename cannot be decoded for certain"},
		{"unknown charset", `a; filename*=x-unheard-of''%FC`, `a|filename=ü`, "parameter filename cannot be decoded for certain"},
		{"sections", `a; filename*0="one "; b=c; filename*1=two`, `a|filename=one two|b=c`, ""},
		{"sections in another order", `a; filename*2=c; filename*0=a; filename*1=b`, `a|filename=abc`, ""},
		{"ten sections", `a; n*0=0; n*1=1; n*2=2; n*3=3; n*4=4; n*5=5; n*6=6; n*7=7; n*8=8; n*9=9; n*10=a`, `a|n=0123456789a`, ""},
		{"encoded sections", `a; f*0*=utf-8''%C3; f*1*=%BC%20; f*2="%41"`, `a|f=ü %41`, ""},
		{"a gap between sections", `a; f*0=x; f*2=z`, `a|f=xz`, "parameter f: its sections do not count from 0 in steps of 1"},
		{"a section twice", `a; f*0=x; f*0=y`, `a|f=xy`, "parameter f: its sections do not count from 0 in steps of 1"},
		{"sections and a plain one", `a; f=x; f*0=y`, `a|f=y`, ""},
		{"no number", `a; f*x=y`, `a|f*x=y`, "parameter f*x has no number where one should be"},
		{"encoded-words", `a; name="=?utf-8?q?Gr=C3=BC?= =?utf-8?q?=C3=9Fe?="`, `a|name=Grüße`, ""},
		{"encoded-words without quotes", `a; name==?utf-8?b?w7w=?=`, `a|name=ü`, ""},
		{"encoded-words in sections", `a; name*0="=?utf-8?q?a"; name*1="=C3=BC?="`, `a|name=aü`, ""},
		{"raw UTF-8", `a; name="ü"`, `a|name=ü`, ""},
		{"raw bytes", "a; name=\"\xfc\"", `a|name=ü`, "parameter name cannot be decoded for certain"},
		{"a hidden line break", `a; f*=utf-8''x%0Ay`, `a|f=x y`, "parameter f cannot be decoded for certain"},
		{"no name", `a; =x; *=y`, `a|=x|*=y`, ""},
		{"a semicolon is missing", `a/b name=x; c=d`, `a/b|name=x|c=d`, "a semicolon is missing before name"},
		{"a semicolon is missing behind a comment", `a/b (c=d) name = x`, `a/b|name=x`, "a semicolon is missing before name"},
		{"a comment in place of the semicolon", `a/b (c)name=x`, `a/b|name=x`, "a semicolon is missing before name"},
		{"a comment before everything", `(c) a/b; name=x`, `a/b|name=x`, ""},
		{"a semicolon is missing behind quotes", `a; name="x" size=3`, `a|name=x|size=3`, `there is text behind a quoted value: "size"`},
		{"words before the semicolon", `one two=three four`, `one|two=three four`, "a semicolon is missing before two"},
		{"text, not a parameter", `one two three=four; a=b`, `one two three=four|a=b`, ""},
		{"a comment beside the main value", `a/(x)b(y) (z); c=d`, `a/b|c=d`, ""},
		{"a comment within a value", `a; b=c(d)e (f)`, `a|b=c(d)e`, ""},
		{"a whole one and sections", `a; f*0=x; f*=utf-8''y`, `a|f=y|f=x`, "parameter f is there more than once"},
		{"many semicolons", `a;;; b=c;;`, `a|b=c`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			main, params, problems := Params(tt.value)
			got := main
			for _, p := range params {
				got += "|" + p.Name + "=" + p.Value
			}
			if all := strings.Join(problems, "; "); got != tt.want || all != tt.problems {
				t.Errorf("Params(%q)\n got %s, problems %q\nwant %s, problems %q", tt.value, got, all, tt.want, tt.problems)
			}
		})
	}
}

// TestParamsIsLinear gives it what would take minutes if the time grew with the square of the length.
func TestParamsIsLinear(t *testing.T) {
	const size = 1 << 16
	for _, piece := range []string{"(", " (", " (a)", "a=(", ";a=(x)", ";", `"`, ";a=\"", ";a*0=x", ";a*=utf-8''%41", "=?u?q?", "; (", "a=\" (", " ()", ";a=", `a="b" `, " a", "=?a ", "( ", ";a*0*=%"} {
		for _, tail := range []string{"", ")", strings.Repeat(")", size/len(piece)), "x"} {
			_, params, problems := Params("a/b; c=" + strings.Repeat(piece, size/len(piece)) + tail)
			if len(params) == 0 || len(problems) > maxProblems {
				t.Errorf("%q: %d parameters, %d problems", piece, len(params), len(problems))
			}
		}
	}
	var many strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&many, ";f*%d=%d", i*7919%50000, i)
	}
	if _, params, problems := Params("a" + many.String()); len(params) != 1 || len(problems) != 0 {
		t.Errorf("%d parameters, problems %v", len(params), problems)
	}
}

func TestReadings(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        []Reading
	}{
		{"none", `a; names=x`, nil},
		{"plain", `a; name="x y"`, []Reading{{Plain, "x y", "", 0}}},
		{"all forms", `a; name=a; name*0=b; name*1=c; name*=utf-8''d`, []Reading{{Whole, "d", "", 0}, {Sections, "bc", "", 0}, {Plain, "a", "", 0}}},
		{"twice", `a; name=a; name=b`, []Reading{{Plain, "a", "", 0}, {Plain, "b", "", 0}}},
		{"control characters", `a; name*=utf-8''a%00%0Ab`, []Reading{{Whole, "a\x00\nb", "", 0}}},
		{"a gap", `a; name*0=a.txt; name*2=.exe`, []Reading{{Sections, "a.txt", ".exe", Gap}}},
		{"no first one", `a; name*1=a`, []Reading{{Sections, "", "a", Gap}}},
		{"a section twice", `a; name*0=a; name*0=x; name*1=b`, []Reading{{Sections, "ab", "x", Gap}}},
		{"no charset", `a; name*=%C3%BC`, []Reading{{Whole, "ü", "", NoCharset}}},
		{"no charset and no UTF-8", `a; name*=%FC`, []Reading{{Whole, "ü", "", NoCharset | BadBytes}}},
		{"no such charset", `a; name*=x-unheard-of''a`, []Reading{{Whole, "a", "", BadBytes}}},
		{"other bytes", `a; name*=utf-8''%FC`, []Reading{{Whole, "\ufffd", "", BadBytes}}},
		{"percent", `a; name*=utf-8''1%`, []Reading{{Whole, "1%", "", BadPercent}}},
		{"raw bytes", "a; name=\xfc", []Reading{{Plain, "ü", "", RawBytes}}},
		{"an encoded-word that does not end", `a; name="=?utf-8?q?a"`, []Reading{{Plain, "=?utf-8?q?a", "", BadWord}}},
		{"an encoded-word of another charset", `a; name="=?x-unheard-of?q?a?="`, []Reading{{Plain, "a", "", BadBytes}}},
		{"an encoded-word in escapes is none", `a; name*=''%3D?utf-8?q?a?=`, []Reading{{Whole, "=?utf-8?q?a?=", "", 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Readings(Parse(tt.value).Params, "name"); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzParams checks what holds for any value: everything is UTF-8 on one line, and not much longer than it was; Readings finds what is
// in the list of Params.
func FuzzParams(f *testing.F) {
	for _, s := range []string{`a/b; name="x; \"y"; c=d (e)`, `a; f*0*=utf-8''%C3; f*1*=%BC%20; f*2="%41"`, `a; name="=?utf-8?q?x?="`, "a (b; c=d", "a; b=\" c", `a b=c "d" e=f`, `a; b="c"d=e; f*0=1; f*2=3; f*0=4`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		main, params, problems := Params(value)
		size, raw := len(main), Parse(value).Params
		for _, p := range params {
			size += len(p.Name) + len(p.Value)
			if !utf8.ValidString(p.Value) || strings.ContainsAny(p.Value, "\n\r\x00") || !utf8.ValidString(p.Name) {
				t.Fatalf("%q: %q has the value %q", value, p.Name, p.Value)
			}
			found := slices.ContainsFunc(Readings(raw, p.Name), func(r Reading) bool {
				text, _ := oneLine(r.Text + r.Rest)
				return text == p.Value
			})
			if !found {
				t.Fatalf("%q: no reading of %q is %q", value, p.Name, p.Value)
			}
		}
		if size > 2*most(value) {
			t.Fatalf("%q: %d bytes became %d", value, len(value), size)
		}
		for _, p := range problems {
			if !utf8.ValidString(p) {
				t.Fatalf("%q: problem %q", value, p)
			}
		}
		if len(problems) > maxProblems || !utf8.ValidString(main) {
			t.Fatalf("%q: %d problems, main %q", value, len(problems), main)
		}
	})
}
