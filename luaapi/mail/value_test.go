package mail

import (
	"io"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"luamilter/luaapi/fieldvalue"
)

// decoder reads encoded-words as a mail reader does; bytes of an unknown charset stay what they are.
var decoder = mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil }}

func decode(t testing.TB, value string) string {
	t.Helper()
	out, err := decoder.DecodeHeader(fieldvalue.Unfold(value))
	if err != nil {
		t.Fatalf("decode %q: %v", value, err)
	}
	return out
}

func TestHeaderValue(t *testing.T) {
	long := strings.Repeat("word ", 250) + "end"
	for _, tt := range []struct {
		name, field, text, want string
	}{
		{"empty", "X-A", "", ""},
		{"text", "X-A", "some text", "some text"},
		{"blanks around", "X-A", "  a b \t", "  a b \t"},
		{"CRLF becomes LF", "X-A", "one\r\n two\r\n\tthree", "one\n two\n\tthree"},
		{"folds stay", "X-A", "one \n  two\n\tthree", "one \n  two\n\tthree"},
		{"a fold at the start", "X-A", "\n one", "\n one"},
		{"a line of blanks", "X-A", "one\n \n two", "one \n two"},
		{"lines of blanks", "X-A", "one\n \n\t\n  \n two", "one \t  \n two"},
		{"a line of blanks at the end", "X-A", "one\n ", "one "},
		{"only a fold", "X-A", "\n ", " "},
		{"a long line", "X-A", long, long[:989] + "\n" + long[989:]},
		{"a long word", "X-A", "a " + strings.Repeat("x", 2000) + " b", "a\n " + strings.Repeat("x", 2000) + "\n b"},
		{"a long word alone", "X-A", strings.Repeat("x", 2000), strings.Repeat("x", 2000)},
		{"encoded already", "Subject", "=?utf-8?q?=C3=B6?= and =?broken", "=?utf-8?q?=C3=B6?= and =?broken"},
		{"not ASCII", "X-A", "Grüße", "=?utf-8?b?R3LDvMOfZQ==?="},
		{"the shorter encoding", "X-A", "Grüße an alle Freunde", "=?utf-8?b?R3LDvMOfZQ==?= an alle Freunde"},
		{"mixed", "X-A", "one zwölf twelve", "one =?utf-8?b?enfDtmxm?= twelve"},
		{"neighbours are one", "X-A", "a ö  ä b", "a =?utf-8?b?w7YgIMOk?= b"},
		{"beside an encoded-word", "X-A", "ä =?utf-8?q?=C3=B6?=  ü", "=?utf-8?b?w6Qg?= =?utf-8?q?=C3=B6?= =?utf-8?q?__=C3=BC?="},
		{"what only looks encoded", "X-A", "ä x=?utf-8?q?=C3=B6?=", "=?utf-8?b?w6QgeD0/dXRmLTg/cT89QzM9QjY/PQ==?="},
		{"encoded but not ASCII", "X-A", "=?ö?q??=", "=?utf-8?b?PT/Dtj9xPz89?="},
		{"a fold between", "X-A", "ä\n ö b\n c", "=?utf-8?b?w6Qgw7Y=?= b\n c"},
		{"quotes in free text", "Subject", `Das "Übel" hier`, `Das =?utf-8?b?IsOcYmVsIg==?= hier`},
		{"another charset", "X-A", "Gr\xfc\xdfe", "=?unknown-8bit?b?R3L832U=?="},
		{"half a character", "X-A", "Gr\xc3", "=?unknown-8bit?b?R3LD?="},
		{"a name", "From", "Jörg <joerg@example.com>", "=?utf-8?b?SsO2cmc=?= <joerg@example.com>"},
		{"a quoted name", "From", `"Müller, Jörg" <j@example.com>`, "=?utf-8?b?TcO8bGxlciwgSsO2cmc=?= <j@example.com>"},
		{"quotes in a quoted name", "From", `"Jörg \"Jo\" M." <j@example.com>`, "=?utf-8?b?SsO2cmcgIkpvIiBNLg==?= <j@example.com>"},
		{"a quoted name in ASCII", "From", `Jörg "the, man" Müller <j@example.com>`, "=?utf-8?b?SsO2cmc=?= \"the, man\" =?utf-8?q?M=C3=BCller?=\n <j@example.com>"},
		{"two quoted names", "From", `"Jörg" "Müller" <j@example.com>`, "=?utf-8?b?SsO2cmcgTcO8bGxlcg==?= <j@example.com>"},
		{"no blank before the bracket", "From", `Jörg<j@example.com>`, "=?utf-8?b?SsO2cmc=?= <j@example.com>"},
		{"a comment", "From", `j@example.com (Jörg Müller)`, "j@example.com (=?utf-8?b?SsO2cmcgTcO8bGxlcg==?=)"},
		{"comments in comments", "From", `j@example.com (one (zwö) \) drei)`, `j@example.com (one (=?utf-8?q?zw=C3=B6?=) \) drei)`},
		{"a list", "To", `Jörg <j@example.com>,"Ann" <a@example.com>`, `=?utf-8?b?SsO2cmc=?= <j@example.com>,"Ann" <a@example.com>`},
		{"a literal", "To", `Jörg <j@[IPv6:2001:db8::1]>`, `=?utf-8?b?SsO2cmc=?= <j@[IPv6:2001:db8::1]>`},
		{"a name of another field", "X-From", "Jörg <j@example.com>", "=?utf-8?b?SsO2cmc=?= <j@example.com>"},
		{"a name that fills lines", "From", "Jörg, Erster Gartenbaudirektor der Königlichen Schlösser <j@example.com>",
			"=?utf-8?b?SsO2cmc=?= , Erster Gartenbaudirektor der\n =?utf-8?q?K=C3=B6niglichen_Schl=C3=B6sser?= <j@example.com>"},
		{"a text that fills lines", "Subject", "Grüße aus Übersee, wo die Öffnungszeiten größer sind als bei uns daheim im schönen Österreich",
			"=?utf-8?b?R3LDvMOfZQ==?= aus =?utf-8?b?w5xiZXJzZWUs?= wo die\n =?utf-8?b?w5ZmZm51bmdzemVpdGVuIGdyw7bDn2Vy?= sind als bei uns daheim im\n =?utf-8?q?sch=C3=B6nen_=C3=96sterreich?="},
		{"characters of three bytes", "Subject", strings.Repeat("日本", 20),
			"=?utf-8?b?5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys5pel?=\n =?utf-8?b?5pys5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys?=\n =?utf-8?b?5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys5pel5pys?="},
		{"a name that leaves no room", "X-" + strings.Repeat("Long-", 18) + "Name", "ö", "\n =?utf-8?b?w7Y=?="},
		{"a quote that does not end", "From", `"Jörg <j@example.com>`, "=?utf-8?b?IkrDtnJnIDxqQGV4YW1wbGUuY29tPg==?="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := HeaderValue(tt.field, tt.text, false)
			if err != nil || got != tt.want {
				t.Errorf("HeaderValue(%q, %q)\n got %q, %v\nwant %q", tt.field, tt.text, got, err, tt.want)
			}
		})
	}
}

func TestHeaderValueUTF8(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Grüße", "Grüße"},
		{"=?utf-8?q?x ö", "=?utf-8?q?x ö"},
		{"Gr\xfc\xdfe", "=?unknown-8bit?b?R3L832U=?="},
		{strings.Repeat("ö", 490) + " " + strings.Repeat("ö", 490), strings.Repeat("ö", 490) + "\n " + strings.Repeat("ö", 490)},
	} {
		if got, err := HeaderValue("X-A", tt.text, true); err != nil || got != tt.want {
			t.Errorf("HeaderValue(%q) = %q, %v; want %q", tt.text, got, err, tt.want)
		}
	}
}

func TestHeaderValueErrors(t *testing.T) {
	for _, tt := range []struct{ field, text, want string }{
		{"X-A", "a\x00b", "X-A: header value contains a NUL"},
		{"X-A", "a\rb", "X-A: header value contains a bare carriage return"},
		{"X-A", "a\r", "X-A: header value contains a bare carriage return"},
		{"X-A", "a\n", "X-A: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{"X-A", "a\r\nB: c", "X-A: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{"X-A", "a\n\n b", "X-A: header value has a line break that no blank follows; a continuation line begins with a blank or tab"},
		{"X-A", strings.Repeat("x", 1<<20+1), "X-A: header value of 1048577 bytes, at most 1048576 work"},
		{"Content-Type", "text/plain; name=ö", "Content-Type: text that is not ASCII needs RFC 2231 here; raw(bytes) takes a value that is encoded already"},
	} {
		if _, err := HeaderValue(tt.field, tt.text, false); err == nil || err.Error() != tt.want {
			t.Errorf("HeaderValue(%q, %q): %v; want %s", tt.field, tt.text, err, tt.want)
		}
		if tt.field == "X-A" && !strings.Contains(tt.text, "\r\n") {
			if err := RawValue(tt.field, tt.text); err == nil || err.Error() != tt.want {
				t.Errorf("RawValue(%q, %q): %v; want %s", tt.field, tt.text, err, tt.want)
			}
		}
	}
	if err := RawValue("Content-Type", "text/plain; name=\xf6\n b"); err != nil {
		t.Error(err)
	}
}

// checkLines holds a value to the rules of lines: no line of blanks, and none longer than can be helped.
func checkLines(t testing.TB, field, value string, limit int) {
	t.Helper()
	for i, line := range strings.Split(value, "\n") {
		if i > 0 && strings.Trim(line, " \t") == "" {
			t.Errorf("%s: line %d of %q is blank", field, i+1, value)
		}
		if i == 0 {
			line = field + ": " + line
		}
		word := strings.TrimLeft(line, " \t")
		if i == 0 {
			word = strings.TrimLeft(line[len(field)+2:], " \t")
		}
		if len(strings.TrimRight(line, " \t")) > limit && strings.ContainsAny(strings.TrimRight(word, " \t"), " \t") {
			t.Errorf("%s: line %d has %d bytes and can be broken: %q", field, i+1, len(line), line)
		}
	}
}

// FuzzHeaderValue checks that free text comes back from a reader as it was.
func FuzzHeaderValue(f *testing.F) {
	for _, s := range []string{
		"", " ", "a", "  a b ", "ö", "ä =?utf-8?q?=C3=B6?= ü", "Grüße an alle", "a\n b\n\tc", "\n \n x", "Gr\xfc\xdfe", "=?a?q?", "ö =?a?q? x?=",
		strings.Repeat("ö", 100), strings.Repeat("wörter ", 40), strings.Repeat("word ", 300), strings.Repeat("x", 1200) + " ö",
		`"Müller, Jörg" <j@example.com>`, "日本語の件名がここに入ります、とても長いので折り返されます", "\xff\xfe ö", "ö" + strings.Repeat(" ", 90) + "a", "a ö\t\t ",
	} {
		f.Add("Subject", s, false)
		f.Add("X-"+strings.Repeat("Long-", 18)+"Name", s, true)
	}
	f.Fuzz(func(t *testing.T, field, text string, utf8OK bool) {
		if !validName(field) || slices.Contains(addressFields, strings.ToLower(field)) {
			field = "Subject"
		}
		value, err := HeaderValue(field, text, utf8OK)
		if err != nil {
			return
		}
		if err := RawValue(field, value); err != nil {
			t.Fatalf("%q is no header value: %v", value, err)
		}
		if again, err := HeaderValue(field, value, utf8OK); err != nil || again != value {
			t.Errorf("again: %q, %v; first it was %q", again, err, value)
		}
		plainText := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "")
		if isASCII(text) || utf8OK && utf8.ValidString(text) {
			if got := fieldvalue.Unfold(value); strings.TrimRight(got, " \t") != strings.TrimRight(plainText, " \t") {
				t.Errorf("HeaderValue(%q) unfolds to %q", text, got)
			}
			checkLines(t, field, value, maxLine)
		} else {
			if !isASCII(value) {
				t.Errorf("%q is not ASCII", value)
			}
			if got := decode(t, value); !strings.Contains(text, "=?") && strings.Trim(got, " \t") != strings.Trim(plainText, " \t") {
				t.Errorf("HeaderValue(%q) = %q, which reads %q", text, value, got)
			}
			checkEncodedWords(t, text, value)
			checkLines(t, field, value, maxEncodedLine)
		}
	})
}

// checkEncodedWords checks that each encoded-word that was not in the text before can be read alone and is not too long.
func checkEncodedWords(t *testing.T, text, value string) {
	t.Helper()
	for word := range strings.FieldsSeq(value) {
		if !isEncodedWord(word) || strings.Contains(text, word) {
			continue
		}
		if got, err := decoder.Decode(word); err != nil || strings.HasPrefix(word, "=?utf-8?") && !utf8.ValidString(got) {
			t.Errorf("%q in %q reads %q, %v", word, value, got, err)
		}
		if len(word) > maxEncodedWord {
			t.Errorf("%q has %d bytes", word, len(word))
		}
	}
}

func validName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// FuzzAddressValue checks that a list of addresses is the same list for a reader after encoding.
func FuzzAddressValue(f *testing.F) {
	for _, s := range []string{
		"Jörg <joerg@example.com>", `"Müller, Jörg" <j@example.com>, Ann <a@example.com>`, `Jörg "the, man" Müller <j@example.com>`,
		"Gruppe: Jörg <j@example.com>, a@example.com;", `"J\"ö\\rg" <j@[192.0.2.1]>`, "j@example.com (Jörg)", strings.Repeat(`"Müller, Jörg" <j@example.com>, `, 20) + "x@example.com",
		"Größte <" + strings.Repeat("x", 70) + "@example.com>", "ö<a@b>", "a@b (ö (ä) ü)", `"ö" "ä" <a@b>`, `ö "ascii" ä <a@b>`, "([[[ö]]])", "\"\n ö\" <a@b>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := HeaderValue("From", text, false)
		if err != nil || isASCII(text) {
			return
		}
		if !isASCII(value) {
			t.Fatalf("%q is not ASCII", value)
		}
		if err := RawValue("From", value); err != nil {
			t.Fatalf("%q is no header value: %v", value, err)
		}
		if strings.Contains(text, "=?") || strings.Contains(text, "(") || !utf8.ValidString(text) { // it does not decode all comments
			return
		}
		want, err := netmail.ParseAddressList(fieldvalue.Unfold(strings.ReplaceAll(text, "\r\n", "\n")))
		if err != nil || !slices.ContainsFunc(want, func(a *netmail.Address) bool { return a.Name != "" }) || !plainAddresses(want) {
			return
		}
		got, err := netmail.ParseAddressList(fieldvalue.Unfold(value))
		if err != nil {
			t.Fatalf("%q became %q: %v", text, value, err)
		}
		for i := range want {
			if i >= len(got) || squeeze(got[i].Name) != squeeze(want[i].Name) || got[i].Address != want[i].Address {
				t.Fatalf("%q became %q: %v, not %v", text, value, got, want)
			}
		}
	})
}

// plainAddresses reports whether the addresses themselves are ASCII; RFC 2047 has nothing for others.
func plainAddresses(list []*netmail.Address) bool {
	return !slices.ContainsFunc(list, func(a *netmail.Address) bool { return !isASCII(a.Address) })
}

// squeeze makes runs of blanks one blank.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestHeaderValueIsLinear gives it what would take minutes if the time grew with the square of the length.
func TestHeaderValueIsLinear(t *testing.T) {
	const size = 1 << 16
	for _, piece := range []string{"ö ", "ö", "[ö ", "(ö", "ö,", `"ö `, `\ö `, "=?", "ö =?q?q?x?= ", "\n ö", " \n ", ",", "ö(", "<"} {
		text := "ö " + strings.Repeat(piece, size/len(piece)) + "ö"
		for _, field := range []string{"From", "Subject"} {
			if _, err := HeaderValue(field, text, false); err != nil {
				t.Errorf("%s of %q: %v", field, piece, err)
			}
		}
	}
}
