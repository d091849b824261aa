package charset

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name, charset, bytes, want string
		broken                     bool
	}{
		{"ASCII", "us-ascii", "hello", "hello", false},
		{"no charset is ASCII", "", "hello", "hello", false},
		{"UTF-8 said to be ASCII", "us-ascii", "Gr\xc3\xbc\xc3\x9fe", "Grüße", true},
		{"Latin-1 said to be ASCII", "us-ascii", "Gr\xfc\xdfe", "Grüße", true},
		{"UTF-8", "utf-8", "Grüße", "Grüße", false},
		{"UTF-8 with U+FFFD", "utf-8", "a\ufffd", "a\ufffd", false},
		{"byte order mark", "utf-8", "\xef\xbb\xbfa", "a", false},
		{"broken UTF-8", "utf-8", "Gr\xfc\xc3", "Gr\ufffd\ufffd", true},
		{"surrogates in UTF-8", "utf-8", "\xed\xa0\x80", "\ufffd\ufffd\ufffd", true},
		{"Latin-1", "iso-8859-1", "Gr\xfc\xdfe", "Grüße", false},
		{"Latin-1 as it is meant", "iso-8859-1", "\x80 \x93x\x94", "€ “x”", false},
		{"Latin-9", "iso-8859-15", "\xa4", "€", false},
		{"windows-1251", "cp1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет", false},
		{"KOI8-R", "koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", false},
		{"Hebrew", "iso-8859-8-i", "\xf9\xec\xe5\xed", "שלום", false},
		{"a hole in a charset", "iso-8859-7", "a\xff", "a\ufffd", true},
		{"ISO-2022-JP", "iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本", false},
		{"half a character of ISO-2022-JP", "iso-2022-jp", "\x1b$BF|K", "日\ufffd", true},
		{"EUC-JP", "euc-jp", "\xc6\xfc\xcb\xdc", "日本", false},
		{"Shift_JIS", "Shift_JIS", "\x93\xfa\x96{", "日本", false},
		{"GB2312 that is GBK", "gb2312", "\xd6\xd0\xb9\xfa \xe9\x46", "中国 镕", false},
		{"GB18030", "gb18030", "\xd6\xd0\x95\x32\x82\x36", "中𠀀", false},
		{"HZ", "hz-gb-2312", "~{VP9z~}", "中国", false},
		{"Big5", "big5", "\xa4\xa4\xa4\xe5", "中文", false},
		{"EUC-KR", "ks_c_5601-1987", "\xc7\xd1\xb1\xdb", "한글", false},
		{"ISO-2022-KR", "iso-2022-kr", "\x1b$)C\x0eGQ1[\x0f!", "한글!", false},
		{"UTF-16 is big-endian", "utf-16", "\x00a\x65\xe5", "a日", false},
		{"UTF-16 with a mark", "utf-16", "\xff\xfea\x00", "a", false},
		{"UTF-16LE", "utf-16le", "a\x00", "a", false},
		{"half a UTF-16", "utf-16be", "\x00a\x00", "a\ufffd", true},
		{"UTF-32", "utf-32be", "\x00\x00\x00a", "a", false},
		{"UTF-7", "utf-7", "Gr+APwA3w-e 1 +- 1 = +ZeVnLIqe.", "Grüße 1 + 1 = 日本語.", false},
		{"UTF-7 beyond 16 bits", "utf-7", "+2EDcAA-", "𠀀", false},
		{"UTF-7 with half a pair", "utf-7", "+2EA-x", "\ufffdx", true},
		{"UTF-7 with too little", "utf-7", "+A-x", "\ufffdx", true},
		{"UTF-7 with nothing", "utf-7", "a+", "a\ufffd", true},
		{"UTF-7 with other bytes", "utf-7", "a\xfc", "a\ufffd", true},
		{"a charset nobody knows, ASCII", "x-unheard-of", "a", "a", true},
		{"a charset nobody knows, UTF-8", "x-unheard-of", "ü", "ü", true},
		{"a charset nobody knows, bytes", "unknown-8bit", "\xfc\x81", "ü\u0081", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := Decode(tt.charset, []byte(tt.bytes)); got != tt.want || ok == tt.broken {
				t.Errorf("Decode(%q, %q) = %q, %v; want %q, %v", tt.charset, tt.bytes, got, ok, tt.want, !tt.broken)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	for _, tt := range []struct {
		charset, text, want string
		lossy               bool
	}{
		{"us-ascii", "a", "a", false},
		{"us-ascii", "aü", "a?", true},
		{"utf-8", "aü", "aü", false},
		{"utf-8", "a\xfc", "a\ufffd", true},
		{"iso-8859-1", "Grüße", "Gr\xfc\xdfe", false},
		{"iso-8859-1", "€ ü", "? \xfc", true},
		{"iso-8859-1", "a\xff", "a?", true},
		{"windows-1252", "€", "\x80", false},
		{"iso-2022-jp", "a日本b", "a\x1b$BF|K\\\x1b(Bb", false},
		{"iso-2022-jp", "日한本", "\x1b$BF|\x1b(B?\x1b$BK\\\x1b(B", true},
		{"iso-2022-kr", "한글!", "\x1b$)C\x0eGQ1[\x0f!", false},
		{"utf-7", "Hi 日本語+", "Hi +ZeVnLIqe-+-", false},
		{"utf-16be", "a", "\x00a", false},
		{"x-unheard-of", "ü", "ü", true},
	} {
		if got, ok := Encode(tt.charset, tt.text); string(got) != tt.want || ok == tt.lossy {
			t.Errorf("Encode(%q, %q) = %q, %v; want %q, %v", tt.charset, tt.text, got, ok, tt.want, !tt.lossy)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"": "us-ascii", "ASCII": "us-ascii", "ANSI_X3.4-1968": "us-ascii", "UTF8": "utf-8", `"utf-8"`: "utf-8", " UTF-8 ": "utf-8", "utf_8": "utf-8",
		"latin1": "iso-8859-1", "ISO8859-1": "iso-8859-1", "iso_8859_1": "iso-8859-1", "CP1252": "windows-1252", "windows1252": "windows-1252",
		"ISO-8859-8-I": "iso-8859-8", "GB2312": "gbk", "ks_c_5601-1987": "euc-kr", "cp932": "shift_jis", "X-GBK": "gbk", "cp-850": "ibm850",
		" X-Unheard-Of ": "x-unheard-of", "?!": "?!",
	} {
		if got := Canonical(name); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]bool{"utf8": true, "": true, "x-unheard-of": false, "?!": false, "iso-8859-12": false, strings.Repeat("utf8", 100): false} {
		if Known(name) != want {
			t.Errorf("Known(%q) = %v", name, !want)
		}
	}
}

// TestEveryCharset checks that no name stands for two charsets, and that each charset reads what it wrote.
func TestEveryCharset(t *testing.T) {
	seen := map[string]string{}
	for i := range charsets {
		c := &charsets[i]
		for name := range strings.FieldsSeq(c.names) {
			if other := seen[squash(name)]; other != "" {
				t.Errorf("%s is both %s and %s", name, other, c.canonical())
			}
			if len(name) > maxName {
				t.Errorf("%s is longer than names are looked at", name)
			}
			seen[squash(name)] = c.canonical()
		}
		const text = "Hello, ~world~ +1!\r\nsecond line"
		b, ok := Encode(c.canonical(), text)
		if !ok {
			t.Errorf("%s cannot write ASCII", c.canonical())
		}
		if got, ok := Decode(c.canonical(), b); got != text || !ok {
			t.Errorf("%s: %q became %q", c.canonical(), text, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for i := range charsets {
		f.Add(charsets[i].canonical(), []byte("a\x1b$BF|K\\\x1b(B\xfc\xe9\x46 +ZeVnLIqe-"))
	}
	f.Fuzz(func(t *testing.T, charset string, b []byte) {
		text, ok := Decode(charset, b)
		if !utf8.ValidString(text) {
			t.Fatalf("Decode(%q, %q) is not UTF-8: %q", charset, b, text)
		}
		if !ok || Canonical(charset) == "hz-gb-2312" {
			return
		}
		again, fits := Encode(charset, text)
		if back, ok := Decode(charset, again); fits && (back != text || !ok) && !strings.HasPrefix(text, "\ufeff") {
			t.Fatalf("%q in %s is written %q, which reads %q", text, charset, again, back)
		}
	})
}
