package fieldvalue

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, value, want string
		broken            bool
	}{
		{"empty", "", "", false},
		{"plain", "hello", "hello", false},
		{"folded", "one\n two\r\n\tthree", "one two\tthree", false},
		{"question marks", "what=? is =?this", "what=? is =?this", false},
		{"q", "=?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=", "Grüße an alle", false},
		{"b", "=?utf-8?b?R3LDvMOfZQ==?=", "Grüße", false},
		{"capitals", "=?UTF-8?Q?=c3=bc?= =?UTF-8?B?w7w=?=", "üü", false},
		{"Latin-1", "=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße", false},
		{"ISO-2022-JP", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本", false},
		{"in text", "one =?utf-8?q?zw=C3=B6lf?= twelve", "one zwölf twelve", false},
		{"blanks between go away", "a =?utf-8?q?b?=   =?utf-8?q?c?= d", "a bc d", false},
		{"line breaks between go away", "=?utf-8?q?b?=\n =?iso-8859-1?q?=FC?=", "bü", false},
		{"blanks beside text stay", "=?utf-8?q?b?=  x  =?utf-8?q?c?= ", "b  x  c ", false},
		{"a blank of its own", "=?utf-8?q?b_?= =?utf-8?q?_c?=", "b  c", false},
		{"a character in two words", "=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü", false},
		{"a character in two encodings", "=?utf-8?q?=C3?= =?UTF8?b?vA==?=", "ü", false},
		{"half a character, then another charset", "=?utf-8?q?=C3?= =?iso-8859-1?q?=BC?=", "\ufffd¼", true},
		{"base64 cut anywhere", "=?utf-8?b?R3LDvMOfZ?= =?utf-8?b?Q==?=", "Grüße", false},
		{"base64 without padding, then more", "=?utf-8?b?w7w?= =?utf-8?b?w7w=?=", "üü", false},
		{"base64 without padding", "=?utf-8?b?R3LDvMOfZQ?=", "Grüße", false},
		{"base64 with blanks", "=?utf-8?b?R3LD vMOfZQ==?=", "Grüße", false},
		{"base64 with other characters", "=?utf-8?b?R3L*DvMOfZQ==?=", "Grüße", true},
		{"base64 behind padding", "=?utf-8?b?Z29vZA==LmV4ZQ==?=", "good.exe", true},
		{"base64 with too little", "=?utf-8?b?R?=", "", true},
		{"nothing in base64", "=?utf-8?b??=", "", false},
		{"nothing in q", "a=?utf-8?q??=b", "ab", false},
		{"language", "=?utf-8*de?q?=C3=BC?=", "ü", false},
		{"blanks in q", "=?utf-8?q?a b c?=", "a b c", false},
		{"a question mark in q", "=?utf-8?q?what?_really??=", "what? really?", false},
		{"q that is not hexadecimal", "=?utf-8?q?=C3=BC=XY=?=", "ü=XY=", true},
		{"inside a word", "x=?utf-8?q?=C3=BC?=y", "xüy", false},
		{"next to each other", "=?utf-8?q?a?==?utf-8?q?b?=", "ab", false},
		{"in quotes", `"=?utf-8?q?M=C3=BCller,_J?=" <m@example.com>`, `"Müller, J" <m@example.com>`, false},
		{"in a comment", "m@example.com (=?utf-8?q?=C3=BC?=)", "m@example.com (ü)", false},
		{"longer than allowed", "=?utf-8?q?" + strings.Repeat("=C3=BC", 100) + "?=", strings.Repeat("ü", 100), false},
		{"no end", "=?utf-8?q?=C3=BC", "=?utf-8?q?=C3=BC", true},
		{"no end, then a whole one", "=?utf-8?q?no end =?utf-8?q?=C3=BC?=", "=?utf-8?q?no end ü", true},
		{"no such encoding", "=?utf-8?x?abc?=", "=?utf-8?x?abc?=", true},
		{"no charset", "=??q?abc?=", "=??q?abc?=", false},
		{"no such charset", "=?x-unheard-of?q?abc?=", "abc", true},
		{"no such charset, bytes", "=?unknown-8bit?q?=FC?=", "ü", true},
		{"bytes that are not of the charset", "=?us-ascii?q?=C3=BC?=", "ü", true},
		{"broken bytes", "=?utf-8?q?a=FCb?=", "a\ufffdb", true},
		{"raw UTF-8", "Grüße", "Grüße", false},
		{"raw bytes", "Gr\xfc\xdfe", "Grüße", true},
		{"raw bytes beside an encoded-word", "\xfc =?utf-8?q?=C3=BC?= \xfc", "ü ü ü", true},
		{"raw UTF-8 in an encoded-word", "=?utf-8?q?ü?=", "ü", false},
		{"a hidden line break", "=?utf-8?q?a=0D=0AX-B:_c=0A?=", "a X-B: c ", true},
		{"a hidden NUL", "=?utf-8?q?a=00b?=", "a\ufffdb", true},
		{"an encoded-word that encodes one", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", "=?utf-8?q?x?=", false},
		{"UTF-7", "=?utf-7?q?Gr+APwA3w-e?=", "Grüße", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := Text(tt.value); got != tt.want || ok == tt.broken {
				t.Errorf("Text(%q)\n got %q, %v\nwant %q, %v", tt.value, got, ok, tt.want, !tt.broken)
			}
		})
	}
}

func TestUnfold(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"", ""}, {"a b", "a b"}, {"a\n b\n\tc", "a b\tc"}, {"a\r\n b", "a b"}, {"a\rb", "a\rb"},
	} {
		if got := Unfold(tt.value); got != tt.want {
			t.Errorf("Unfold(%q) = %q, want %q", tt.value, got, tt.want)
		}
	}
}

// TestTextIsLinear gives it what would take minutes if the time grew with the square of the length.
func TestTextIsLinear(t *testing.T) {
	const size = 1 << 17
	for _, piece := range []string{"=?", "=?u?q?", "=?u?q?a", "=?u?q?a?=", "=?utf-8?b?w?= ", "=?utf-8?q?=C3?= ", "?=", "=?utf-8?x?", " ", "=?u", "\xfc=?"} {
		value := strings.Repeat(piece, size/len(piece))
		for _, tail := range []string{"", "?=", "=?u?q?x?="} {
			if got, _ := Text(value + tail); !utf8.ValidString(got) {
				t.Errorf("%q: not UTF-8", piece)
			}
		}
	}
}

// FuzzText checks what holds for any value: it is read as UTF-8 on one line, in which every byte is at most one character of three bytes or
// a pair of four, and plain text stays as it is.
func FuzzText(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?=C3=BC?= =?utf-8?b?w7w=?=", "\xfc =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "=?utf-7?q?+-?=", "=?utf-16?b?/v8A?=", "=?utf-8?b?YQ=YQ=?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, ok := Text(value)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x00") || len(got) > most(value) {
			t.Fatalf("Text(%q) = %q", value, got)
		}
		if utf8.ValidString(value) && !strings.ContainsAny(value, "\n\r\x00") && !strings.Contains(value, "=?") && (got != value || !ok) {
			t.Fatalf("Text(%q) = %q, %v", value, got, ok)
		}
		if words, flaws := Words(value); !utf8.ValidString(words) || len(words) > most(value) || ok && flaws != 0 && Unfold(value) == value {
			t.Fatalf("Words(%q) = %q, %b", value, words, flaws)
		}
	})
}

// most is the most that so many bytes may become: no charset makes more than three bytes of one.
func most(value string) int { return 3*len(value) + len("\ufffd") }
