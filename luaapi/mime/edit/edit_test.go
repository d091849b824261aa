package edit

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"luamilter/luaapi/charset"
	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// lines makes messages readable in tests: one line a line.
func lines(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// raw is a message as in a file.
func raw(s string) *mime.Message { return mime.ParseRaw(mime.Text(s)) }

// result applies an edit to a message in a file. It checks that the splices are in order, that a reader gives the same, and that reading the header
// apart from the body gives the same.
func result(t testing.TB, m *mime.Message, e Edit) string {
	t.Helper()
	at := int64(0)
	for _, s := range e.Splices {
		if s.Old.Start < at || s.Old.End < s.Old.Start || s.Old.End > m.Root.Source.Len() {
			t.Fatalf("splice of %v behind %d", s.Old, at)
		}
		at = s.Old.End
	}
	out := e.Apply(m.Root.Source)
	got, err := io.ReadAll(iotest.OneByteReader(e.Reader(m.Root.Source)))
	if err != nil || string(got) != out {
		t.Fatalf("Reader gives %q, %v; Apply %q", got, err, out)
	}
	return out
}

// textOf is the text of a part in UTF-8.
func textOf(p *mime.Part) string {
	s, _ := charset.Decode(p.Charset, []byte(p.Decoded()))
	return s
}

func TestFooterInPlace(t *testing.T) {
	plain := Footer{Text: "Line one\nLine two"}
	accents := Footer{Text: "Grüße"}
	for _, tt := range []struct {
		name, message string
		footer        Footer
		want          string
	}{
		{"plain", lines("", "Hello"), plain, lines("", "Hello", "", "Line one", "Line two")},
		{"a blank line is there", lines("", "Hello", ""), plain, lines("", "Hello", "", "Line one", "Line two")},
		{"LF", "X: y\n\nHello\n", plain, "X: y\n\nHello\n\nLine one\nLine two\n"},
		{"no line end", "X: y\r\n\r\nHello", plain, "X: y\r\n\r\nHello\r\n\r\nLine one\r\nLine two"},
		{"empty", "X: y\r\n\r\n", plain, "X: y\r\n\r\nLine one\r\nLine two\r\n"},
		{"behind a signature", lines("", "Hello", "-- ", "Me"), plain, lines("", "Hello", "-- ", "Me", "", "Line one", "Line two")},
		{"7bit becomes quoted-printable", lines("Content-Type: text/plain; charset=utf-8", "", "1=1"), accents,
			lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "MIME-Version: 1.0", "", "1=3D1", "", "Gr=C3=BC=C3=9Fe")},
		{"us-ascii becomes UTF-8", lines("Content-Type: text/plain;", "\tCharset=\"US-ASCII\"; x=y", "Content-Transfer-Encoding:  7bit", "MIME-Version: 1.0", "", "1"), accents,
			lines("Content-Type: text/plain;", "\tCharset=\"utf-8\"; x=y", "Content-Transfer-Encoding: quoted-printable", "MIME-Version: 1.0", "", "1", "", "Gr=C3=BC=C3=9Fe")},
		{"no Content-Type", lines("MIME-Version: 1.0", "", "1"), accents,
			lines("MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "1", "", "Gr=C3=BC=C3=9Fe")},
		{"8-bit without label", lines("", "é"), accents, lines("Content-Type: text/plain; charset=utf-8", "MIME-Version: 1.0", "", "é", "", "Grüße")},
		{"bytes of unknown meaning", lines("", "\xe9"), accents, lines("", "\xe9", "", "Gru?e")},
		{"ISO-8859-1", lines("Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: 8bit", "", "\xe9"), accents,
			lines("Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: 8bit", "", "\xe9", "", "Gr\xfc\xdfe")},
		{"has no place in ISO-8859-1", lines("Content-Type: text/plain; charset=iso-8859-1; format=fixed", "Content-Transfer-Encoding: 8bit", "MIME-Version: 1.0", "", "\xe9"), Footer{Text: "€"},
			lines("Content-Type: text/plain; charset=utf-8; format=fixed", "Content-Transfer-Encoding: 8bit", "MIME-Version: 1.0", "", "é", "", "€")},
		{"broken UTF-8", lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "\xe9"), accents,
			lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "\xe9", "", "Grüße")},
		{"ISO-2022-JP that ends shifted", "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$BF|K\\", Footer{Text: "日本 a"},
			"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$BF|K\\\x1b(B\r\n\r\n\x1b$BF|K\\\x1b(B a\x1b$B"},
		{"quoted-printable", lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "=41b=", "c  ", ""), accents,
			lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "=41b=", "c  ", "", "Gr=C3=BC=C3=9Fe")},
		{"quoted-printable that ends in a soft break", lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "ab="), accents,
			lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "ab=", "", "", "Gr=C3=BC=C3=9Fe=", "=")},
		{"base64 with a group to fill", lines("Content-Transfer-Encoding: base64", "", "SGVsbG8h", "ISENCg=="), plain,
			lines("Content-Transfer-Encoding: base64", "", "SGVsbG8h", "ISENCg0K", "TGluZSBv", "bmUNCkxp", "bmUgdHdv", "DQo=")},
		{"format=flowed", lines("Content-Type: text/plain; format=flowed", "", "It flows "), Footer{Text: "> a \n b \n-- \nFrom x"},
			lines("Content-Type: text/plain; format=flowed", "", "It flows ", "", "", " > a", "  b", "-- ", " From x")},
		{"a line that is too long", lines("MIME-Version: 1.0", "", "1"), Footer{Text: strings.Repeat("x", 999)},
			lines("MIME-Version: 1.0", "Content-Transfer-Encoding: quoted-printable", "", "1", "", strings.Repeat(strings.Repeat("x", 75)+"=\r\n", 13)+strings.Repeat("x", 24))},
		{"HTML", lines("Content-Type: text/html", "", "<BODY><!-- </body> --><script>'</body>'</script>Hi</BODY ></html>"), Footer{Text: "a<b\nü\n\nc"},
			lines("Content-Type: text/html", "", "<BODY><!-- </body> --><script>'</body>'</script>Hi", "<p>a&lt;b<br />", "&#252;</p>", "<p>c</p>", "</BODY ></html>")},
		{"HTML without body", lines("Content-Type: text/html", "", "Hi"), plain, lines("Content-Type: text/html", "", "Hi", "<p>Line one<br />", "Line two</p>")},
		{"HTML with the end of html only", lines("Content-Type: text/html", "", "Hi</html>"), Footer{HTML: "<b>x</b>"}, lines("Content-Type: text/html", "", "Hi", "<b>x</b>", "</html>")},
		{"HTML with a comment left open", lines("Content-Type: text/html", "", "Hi<!-- "), Footer{HTML: "<b>x</b>"}, lines("Content-Type: text/html", "", "Hi", "<b>x</b>", "<!-- ")},
		{"HTML in quoted-printable", lines("Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "<body>=C3=A9<=", "/body>"), Footer{HTML: "<b>é</b>"},
			lines("Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "<body>=C3=A9=", "", "<b>=C3=A9</b>", "<=", "/body>")},
		{"HTML in ISO-2022-JP, in which a character looks like a tag", "Content-Type: text/html; charset=iso-2022-jp\r\n\r\n<body>\x1b$B</body>\x1b(B</body>\x1b$B</body>\r\n\x1b(B", Footer{HTML: "日"},
			"Content-Type: text/html; charset=iso-2022-jp\r\n\r\n<body>\x1b$B</body>\x1b(B\r\n\x1b$BF|\x1b(B\r\n</body>\x1b$B</body>\r\n\x1b(B"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := raw(tt.message)
			e, reason := AddFooter(m, tt.footer)
			if got := result(t, m, e); got != tt.want || reason != "" {
				t.Errorf("%q, want\n%q; %s", got, tt.want, reason)
			}
		})
	}
}

func TestBannerInPlace(t *testing.T) {
	for _, tt := range []struct {
		name, message string
		footer        Footer
		want          string
	}{
		{"plain", lines("", "Hello"), Footer{Text: "-- \nx"}, lines("", "--", "x", "", "Hello")},
		{"byte order mark", lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "\ufeffHello"), Footer{Text: "ü"},
			lines("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "\ufeffü", "", "Hello")},
		{"body", lines("Content-Type: text/html", "", `<!DOCTYPE html><html><head><title><body></title></head><body class="a>b">Hi`), Footer{HTML: "<b>x</b>"},
			lines("Content-Type: text/html", "", `<!DOCTYPE html><html><head><title><body></title></head><body class="a>b">`, "<b>x</b>", "Hi")},
		{"no body", lines("Content-Type: text/html", "", `<!DOCTYPE html><b>Hi`), Footer{HTML: "x"}, lines("Content-Type: text/html", "", `<!DOCTYPE html>`, "x", "<b>Hi")},
		{"head", lines("Content-Type: text/html", "", `<html><head></head>Hi`), Footer{HTML: "x"}, lines("Content-Type: text/html", "", `<html><head></head>`, "x", "Hi")},
		{"fragment", lines("Content-Type: text/html", "", `<b>Hi`), Footer{HTML: "x"}, lines("Content-Type: text/html", "", "x", "<b>Hi")},
		{"base64 behind it stays", lines("Content-Type: text/html", "Content-Transfer-Encoding: base64", "", "PGh0bWw+PGJv", "ZHk+SGk8L2Jv", "ZHk+"), Footer{HTML: "<i>"},
			lines("Content-Type: text/html", "Content-Transfer-Encoding: base64", "", "PGh0bWw+PGJv", "ZHk+DQo8aT4N", "Cg0K", "SGk8L2Jv", "ZHk+")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := raw(tt.message)
			e, reason := AddBanner(m, tt.footer)
			if got := result(t, m, e); got != tt.want || reason != "" {
				t.Errorf("%q, want\n%q; %s", got, tt.want, reason)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	body := func(header ...string) string { return lines(append(header, "", "Hello")...) }
	armored := lines("", "-----BEGIN PGP SIGNED MESSAGE-----", "", "Hello", "-----BEGIN PGP SIGNATURE-----", "", "x", "-----END PGP SIGNATURE-----")
	for _, tt := range []struct {
		name, message string
		footer        Footer
		want          Reason
	}{
		{"nothing", body(), Footer{Text: " \n"}, NothingToAdd},
		{"attachment", body("Content-Disposition: attachment"), Footer{Text: "x"}, NoText},
		{"file", body("Content-Type: text/plain; name=x.txt"), Footer{Text: "x"}, NoText},
		{"another type", body("Content-Type: text/rtf"), Footer{Text: "x"}, NoText},
		{"picture", body("Content-Type: image/png"), Footer{Text: "x"}, NoText},
		{"signed", body("Content-Type: multipart/signed; boundary=b"), Footer{Text: "x"}, Signed},
		{"inline PGP", armored, Footer{Text: "x"}, Signed},
		{"inline PGP, forced", armored, Footer{Text: "x", Force: true}, ""},
		{"opaque S/MIME", body("Content-Type: application/pkcs7-mime; smime-type=signed-data"), Footer{Text: "x"}, Signed},
		{"encrypted", body("Content-Type: multipart/encrypted; boundary=b"), Footer{Text: "x"}, Encrypted},
		{"encrypted, forced", body("Content-Type: multipart/encrypted; boundary=b"), Footer{Text: "x", Force: true}, NoText},
		{"UTF-7", body("Content-Type: text/plain; charset=utf-7"), Footer{Text: "x"}, UTF7},
		{"half a character of UTF-16", body("Content-Type: text/plain; charset=utf-16le"), Footer{Text: "x"}, BadCharset},
		{"uuencode", body("Content-Transfer-Encoding: x-uuencode"), Footer{Text: "x"}, OtherEncoding},
		{"there already", body(), Footer{Text: "HEL\nlo", Marker: "Hel lo", Once: true}, AlreadyThere},
		{"there, and once more", body(), Footer{Text: "Hello"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, reason := AddFooter(raw(tt.message), tt.footer)
			if reason != tt.want || e.IsEmpty() != (reason != "") {
				t.Errorf("%q with %v, want %q", reason, e, tt.want)
			}
		})
	}
}

// A text that would have to be read into memory to be changed stays as it is if it is large, and the message in a file.
func TestLargeTextInFile(t *testing.T) {
	for _, tt := range []struct {
		name string
		size int
		want Reason
	}{
		{"small", maxText, ""},
		{"large", maxText + 1, TooLarge},
	} {
		body := "Content-Type: text/plain\r\n\r\n" + strings.Repeat("x", tt.size)
		if _, reason := AddFooter(mime.ParseRaw(file{strings.NewReader(body)}), Footer{Text: "x"}); reason != tt.want {
			t.Errorf("%s in a file: %q, want %q", tt.name, reason, tt.want)
		}
		if _, reason := AddFooter(raw(body), Footer{Text: "x"}); reason != "" {
			t.Errorf("%s in memory: %q", tt.name, reason)
		}
	}
}

// TestFields checks that what belongs into the header of the message is named, where the header is not in the source.
func TestFields(t *testing.T) {
	fields := []protocol.Field{{Name: "Subject", Value: "x"}, {Name: "content-type", Value: "text/plain;\n\tcharset=us-ascii;\n x=y"}}
	m := mime.Parse(fields, mime.Text("Hello\r\n"))
	e, reason := AddFooter(m, Footer{Text: "ü"})
	want := []protocol.Field{{Name: "Content-Type", Value: "text/plain;\n\tcharset=utf-8;\n x=y"},
		{Name: "Content-Transfer-Encoding", Value: "quoted-printable"}, {Name: "MIME-Version", Value: "1.0"}}
	if !slices.Equal(e.Fields, want) || reason != "" {
		t.Fatalf("%q, %s", e.Fields, reason)
	}
	after := e.Message(m)
	if got := textOf(after.Root); got != "Hello\r\n\r\nü\r\n" || after.Root.Param("x") != "y" {
		t.Errorf("%q in %v", got, after.Root)
	}
	if len(after.Root.Fields()) != 4 || fields[1].Value != "text/plain;\n\tcharset=us-ascii;\n x=y" {
		t.Errorf("the header is %q", after.Root.Fields())
	}
}

func TestOddContentType(t *testing.T) {
	for value, want := range map[string]string{
		`text/plain`:                          `text/plain; charset=utf-8`,
		`text/plain; `:                        `text/plain; charset=utf-8`,
		`text/plain; charset = "iso-8859-1" `: `text/plain; charset = "utf-8" `,
		`text/plain; x="a;charset=b"; charset=iso-8859-1 (Latin)`: `text/plain; x="a;charset=b"; charset=utf-8`,
		`text/plain; x="a\"b"; charset*=us-ascii''iso-8859-1`:     "text/plain; charset=utf-8;\n\tx=\"a\\\"b\"",
		`text/plain; y (`: `text/plain; y (; charset=utf-8`,
		`text`:            `text/plain; charset=utf-8`,
	} {
		m := mime.Parse([]protocol.Field{{Name: "Content-Type", Value: value}}, mime.Text("a"))
		if got := asUTF8(m.Root); got.Value != want {
			t.Errorf("%q became %q, want %q", value, got.Value, want)
		}
	}
}

func TestConversion(t *testing.T) {
	for html, want := range map[string]string{
		"<p>a<br>b</p>\n<p>c &amp; &#8364;</p>":                "a\nb\n\nc & €",
		"<style>x</style><div>a  \n b</div><!-- c -->d":        "a b\nd",
		`<a href="https://example.com/?a=1&amp;b=2">Read</a>.`: "Read <https://example.com/?a=1&b=2>.",
		`<a href='mailto:a@example.com'>a@example.com</a>`:     "a@example.com",
		"<img src=x>": "",
		"a < b":       "a < b",
	} {
		if got := toText(html); got != want {
			t.Errorf("%q became %q, want %q", html, got, want)
		}
	}
	if got, want := toHTML("a & b\nc\n\n\nd"), "<p>a &amp; b<br />\nc</p>\n<p>d</p>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
