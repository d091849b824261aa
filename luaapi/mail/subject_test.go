package mail

import (
	"strings"
	"testing"
	"unicode/utf8"

	"luamilter/luaapi/fieldvalue"
)

func TestPrefixSubject(t *testing.T) {
	const text = "[SPAM]"
	for _, tt := range []struct{ name, subject, text, want string }{
		{"plain", "hello", text, "[SPAM] hello"},
		{"blanks", "  hello", " [SPAM]  ", "[SPAM] hello"},
		{"none", "", text, "[SPAM]"},
		{"there", "[SPAM] hello", text, ""},
		{"there alone", "[SPAM]", text, ""},
		{"in an answer", "Re: [SPAM] hello", text, ""},
		{"in answers to answers", "AW: re[2]: Fwd : RE(3): [SPAM] hello", text, ""},
		{"behind the tag of a list", "[list] Re: [other] [SPAM] hello", text, ""},
		{"later", "hello [SPAM]", text, "[SPAM] hello [SPAM]"},
		{"in front of answers", "Re: hello", text, "[SPAM] Re: hello"},
		{"no answer", "Recipe: [SPAM]", text, "[SPAM] Recipe: [SPAM]"},
		{"another case", "[spam] hello", text, "[SPAM] [spam] hello"},
		{"there, encoded", "=?utf-8?q?=5BSPAM=5D_Gr=C3=BC=C3=9Fe?=", text, ""},
		{"there, not ASCII", "Re: =?utf-8?q?M=C3=BCll=3A?= hello", "Müll:", ""},
		{"encoded-words stay", "=?utf-8?b?R3LDvMOfZQ==?= =?utf-8?q?x?=", text, "[SPAM] =?utf-8?b?R3LDvMOfZQ==?= =?utf-8?q?x?="},
		{"a line of encoded-words", "=?utf-8?q?" + strings.Repeat("=C3=BC", 9) + "?=", text, "[SPAM]\n =?utf-8?q?" + strings.Repeat("=C3=BC", 9) + "?="},
		{"folds stay", "one\n two", text, "[SPAM] one\n two"},
		{"not ASCII", "hello", "Müll:", "=?utf-8?b?TcO8bGw6?= hello"},
		{"not ASCII before an encoded-word", "=?utf-8?q?x?=", "Müll:", "=?utf-8?b?TcO8bGw6IA==?= =?utf-8?q?x?="},
		{"raw UTF-8", "Grüße", text, "[SPAM] =?utf-8?b?R3LDvMOfZQ==?="},
		{"raw bytes", "Gr\xfc\xdfe", text, "[SPAM] Gr\xfc\xdfe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, changed, err := PrefixSubject(tt.subject, tt.text, false)
			if err != nil || changed != (tt.want != "") || changed && got != tt.want {
				t.Fatalf("PrefixSubject(%q, %q) = %q, %v, %v; want %q", tt.subject, tt.text, got, changed, err, tt.want)
			}
			if again, changed, err := PrefixSubject(got, tt.text, false); err != nil || changed {
				t.Errorf("a second time: %q, %v, %v", again, changed, err)
			}
		})
	}
	if got, _, _ := PrefixSubject("ü", "ö", true); got != "ö ü" {
		t.Errorf("with SMTPUTF8: %q", got)
	}
	for _, bad := range []string{"", " \t", "a\r", "a\x00", "a\nb"} {
		if got, _, err := PrefixSubject("hello", bad, false); err == nil {
			t.Errorf("the text %q gives %q", bad, got)
		}
	}
}

func FuzzPrefixSubject(f *testing.F) {
	for _, s := range []string{"hello", "Re: =?utf-8?q?=C3=BC?=", "[a] [b]", "Gr\xfc", strings.Repeat("[a]", 50), "=?utf-8?q?" + strings.Repeat("=C3=BC", 9) + "?="} {
		f.Add(s, "[SPAM]")
		f.Add(s, "Müll:")
	}
	f.Fuzz(func(t *testing.T, subject, text string) {
		got, changed, err := PrefixSubject(subject, text, false)
		if err != nil || !changed {
			return
		}
		if err := RawValue("Subject", got); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if !utf8.ValidString(text) || !utf8.ValidString(subject) || strings.Contains(text, "=?") || strings.ContainsAny(text, "\n\r\x00") {
			return
		}
		before, _ := fieldvalue.Text(strings.TrimLeft(subject, blanks))
		after, _ := fieldvalue.Text(got)
		if want := strings.Trim(text, blanks) + " " + before; strings.TrimRight(after, blanks) != strings.TrimRight(want, blanks) && !strings.Contains(subject, "=?") {
			t.Fatalf("%q before %q gives %q, which reads %q", text, subject, got, after)
		}
		if again, changed, err := PrefixSubject(got, text, false); err != nil || changed {
			t.Fatalf("%q before %q gives %q, again %q, %v", text, subject, got, again, err)
		}
	})
}
