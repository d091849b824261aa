package edits_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"

	"luamilter/luaapi/charset"
)

// generator writes random messages of all the kinds that an edit must know.
type generator struct {
	*rand.Rand
	eol        string
	boundaries int
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

// message returns one, and which structure, charset and so on it is of.
func (g *generator) message() (raw, what string) {
	g.eol, g.boundaries = g.one("\r\n", "\r\n", "\n"), 0
	what = g.one("plain", "html", "alternative", "mixed", "related", "nested", "forwarded")
	return "Subject: x" + g.eol + "MIME-Version: 1.0" + g.eol + g.body(what), what
}

// body returns header and content of a part with a structure.
func (g *generator) body(what string) string {
	switch what {
	case "plain":
		return g.text("plain")
	case "html":
		return g.text("html")
	case "alternative":
		return g.multipart("alternative", g.text("plain"), g.text("html"))
	case "mixed":
		return g.multipart("mixed", g.text("plain"), g.file("attachment"), g.file("attachment"))
	case "related":
		return g.multipart("related", g.text("html"), g.file("inline"))
	case "nested":
		return g.multipart("mixed", g.multipart("alternative", g.text("plain"), g.body("related")), g.file("attachment"), g.file("attachment"))
	}
	inner := "Subject: y" + g.eol + g.body(g.one("plain", "alternative", "mixed"))
	return g.multipart("mixed", g.body(g.one("plain", "alternative")), "Content-Type: message/rfc822"+g.eol+g.eol+inner, g.file("attachment"))
}

func (g *generator) multipart(kind string, parts ...string) string {
	g.boundaries++
	boundary := fmt.Sprintf("%s%d", g.one("=_", "b", "----=_Part ", "--"), g.boundaries)
	out := "Content-Type: multipart/" + kind + ";" + g.one(" ", g.eol+"\t") + `boundary="` + boundary + `"` + g.eol + g.eol + g.one("", "preamble"+g.eol)
	for _, part := range parts {
		out += "--" + boundary + g.eol + part + g.eol
	}
	return out + "--" + boundary + "--" + g.eol + g.one("", "epilogue"+g.eol)
}

// samples are charsets with a text that each can write.
var samples = []struct{ charset, text string }{
	{"us-ascii", "Dear all"}, {"utf-8", "Grüße, 日本語 € привет"}, {"UTF-8", "Dear all"}, {"iso-8859-1", "Grüße"}, {"windows-1252", "€ “Grüße”"},
	{"iso-2022-jp", "日本語のメール"}, {"gb18030", "中文邮件 €"}, {"gb2312", "中文邮件"}, {"shift_jis", "日本語のメール"}, {"euc-jp", "日本語"}, {"big5", "中文"}, {"euc-kr", "한국어"},
	{"koi8-r", "привет"}, {"windows-1251", "привет"}, {"utf-16", "Grüße, 日本語"}, {"utf-16le", "Grüße, 日本語"}, {"", "Dear all"},
}

// text returns a part of text.
func (g *generator) text(kind string) string {
	sample := samples[g.IntN(len(samples))]
	var content string
	for range 1 + g.IntN(5) {
		content += g.one("Hello = world.", "", "  - a", strings.Repeat("long ", 14), sample.text) + " " + sample.text + g.one("\n", "\n", "\n\n")
	}
	if kind == "html" {
		content = g.one("<html><body class='a>b'>\n", "<!DOCTYPE html>\n<HTML><HEAD><title>x</title></HEAD><BODY>", "<html>", "") + "<p>" + content + "</p>" +
			g.one("</body></html>\n", "\n</BODY >\n</HTML>\n", "</html>", "\n", "") + g.one("", "", "<!-- </body> -->")
	}
	content += g.one("", "", "-- \nMe\n")
	if g.IntN(4) == 0 {
		content = strings.TrimRight(content, "\n")
	}
	b, _ := charset.Encode(sample.charset, strings.ReplaceAll(content, "\n", g.eol))
	header := "Content-Type: text/" + kind
	if sample.charset != "" {
		header += g.one("; charset=", "; Charset = ", ";"+g.eol+"\tcharset=") + g.one(sample.charset, `"`+sample.charset+`"`)
	}
	header += g.one("", "; format=flowed", "; x=y") + g.eol
	return header + g.encoded(string(b), strings.HasPrefix(sample.charset, "utf-16"))
}

// encoded returns the rest of the header, and content in a transfer encoding.
func (g *generator) encoded(s string, wide bool) string {
	encoding := g.one("8bit", "binary", "base64", "quoted-printable")
	if strings.Trim(s, "\x00") != s || wide {
		encoding = g.one("base64", "quoted-printable")
	} else if isASCII(s) {
		encoding = g.one("", "7bit", encoding)
	}
	field := "Content-Transfer-Encoding: " + g.one(encoding, strings.ToUpper(encoding)) + g.eol
	if encoding == "" {
		field = ""
	}
	switch encoding {
	case "base64":
		s = g.base64(s)
	case "quoted-printable":
		s = g.quoted(s, wide)
	}
	return field + g.eol + s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func (g *generator) base64(s string) string {
	s = base64.StdEncoding.EncodeToString([]byte(s))
	width, out := []int{76, 72, 60}[g.IntN(3)], ""
	for len(s) > width {
		out, s = out+s[:width]+g.eol, s[width:]
	}
	return out + s + g.one("", g.eol)
}

func (g *generator) quoted(s string, wide bool) string {
	var out strings.Builder
	col := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case !wide && (c == '\n' || c == '\r'):
			out.WriteByte(c)
			col = -1
		case c == '=' || c < ' ' || c > '~' || c == ' ' && (i+1 == len(s) || s[i+1] < ' '):
			fmt.Fprintf(&out, "=%02X", c)
			col += 2
		default:
			out.WriteByte(c)
		}
		if col++; col > 60+g.IntN(10) {
			out.WriteString("=" + g.eol)
			col = 0
		}
	}
	return out.String()
}

// file returns a part that is no text, or a text that is a file.
func (g *generator) file(disposition string) string {
	content := make([]byte, g.IntN(300))
	for i := range content {
		content[i] = byte(g.IntN(256))
	}
	kind := g.one("application/pdf", "image/png", "text/plain", "text/html")
	header := "Content-Type: " + kind + "; name=x.bin" + g.eol + "Content-Disposition: " + disposition + "; filename=x.bin" + g.eol
	if g.IntN(5) == 0 {
		return header + g.eol + "a,b" + g.eol + "1,2"
	}
	if strings.HasPrefix(kind, "text/") {
		content = []byte("a,b")
	}
	return header + "Content-Transfer-Encoding: base64" + g.eol + g.eol + g.base64(string(content))
}
