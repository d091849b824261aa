package mime_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"luamilter/luaapi/charset"
)

// generator writes random messages, sound or broken in ways that mail readers agree about.
type generator struct {
	*rand.Rand
	eol   string   // of this message; "" for another one in each line
	open  []string // boundaries of multiparts around
	depth int
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) maybe(percent int) bool { return g.IntN(100) < percent }

// end returns a line end.
func (g *generator) end() string {
	if g.eol == "" {
		return g.one("\r\n", "\n", "\r\n", "\n", "\r")
	}
	return g.eol
}

func (g *generator) message() string {
	g.eol, g.open, g.depth = g.one("\r\n", "\r\n", "\n", "\r", ""), nil, 0
	return "Subject: x" + g.end() + g.part()
}

// part returns a header, an empty line and a content.
func (g *generator) part() string {
	g.depth++
	defer func() { g.depth-- }()
	switch {
	case g.depth <= 4 && g.maybe(45):
		return g.multipart()
	case g.depth <= 4 && g.maybe(15):
		return "Content-Type: message/rfc822" + g.end() + g.emptyLine() + "Subject: y" + g.end() + g.part()
	}
	return g.leaf()
}

// emptyLine is one that is nothing else: after CR alone, LF would only end the same line.
func (g *generator) emptyLine() string {
	if g.eol == "" {
		return "\r\n"
	}
	return g.eol
}

// boundary returns one that may have much in common with those around.
func (g *generator) boundary() string {
	if len(g.open) > 0 && g.maybe(30) {
		outer := g.one(g.open...)
		return g.one(outer, outer+"x", outer+"-", outer+"--", strings.TrimSuffix(outer, "x")+"'")
	}
	return g.one("b", "=_", "a b", "(x)", "?=", "--", "a;b", `q"q`, "a:b/c,d", "0123456789") + fmt.Sprint(g.IntN(5))
}

func (g *generator) multipart() string {
	boundary := g.boundary()
	value := `"` + strings.ReplaceAll(boundary, `"`, `\"`) + `"`
	kind := g.one("mixed", "alternative", "related", "digest", "signed")
	header := "Content-Type: multipart/" + kind + ";" + g.one(" ", g.end()+"\t")
	if g.maybe(10) && len(boundary) > 2 && !strings.ContainsAny(boundary, `"\`) {
		header += `boundary*0="` + boundary[:2] + `"; boundary*1="` + boundary[2:] + `"`
	} else {
		header += g.one("boundary", "Boundary", "BOUNDARY") + "=" + value
	}
	var out strings.Builder
	out.WriteString(header + g.end() + g.emptyLine())
	if g.maybe(30) {
		out.WriteString("preamble" + g.end())
	}
	g.open = append(g.open, boundary)
	defer func() { g.open = g.open[:len(g.open)-1] }()
	for range g.IntN(4) {
		out.WriteString("--" + boundary + g.one("", "", " ", "\t ") + g.end())
		if kind == "digest" {
			out.WriteString("X-Part: message" + g.end() + g.emptyLine() + "Subject: y" + g.end())
		}
		out.WriteString(g.part() + g.end())
	}
	if g.maybe(15) && !g.shared() {
		// Python takes away the last line end even so.
		return strings.TrimRight(out.String(), "\r\n")
	}
	return out.String() + "--" + boundary + "--" + g.one("", " ") + g.one("", g.end(), g.end()+"epilogue"+g.end())
}

func (g *generator) leaf() string {
	kind := g.one("text/plain", "text/html", "application/pdf", "image/png", "", "x", "a/b/c", "TEXT/Plain")
	set := g.one("utf-8", "iso-8859-1", "koi8-r", "windows-1251", "us-ascii", "euc-jp", "UTF-8")
	var header strings.Builder
	header.WriteString("X-Part: leaf" + g.end())
	if kind != "" {
		header.WriteString("Content-Type: " + kind + "; charset=" + g.one(set, `"`+set+`"`) + g.end())
	} else {
		set = "us-ascii"
	}
	if g.maybe(40) {
		header.WriteString("Content-Disposition: " + g.one("attachment", "inline", "ATTACHMENT") + g.filename() + g.end())
	}
	content := g.text(set)
	encoding := g.one("", "7bit", "8bit", "base64", "BASE64", "quoted-printable")
	if encoding != "" {
		header.WriteString("Content-Transfer-Encoding: " + encoding + g.end())
	}
	switch strings.ToLower(encoding) {
	case "base64":
		content = g.base64(content)
	case "quoted-printable":
		content = g.quoted(content)
	}
	if g.maybe(5) && !g.shared() {
		return header.String() // and no more: a boundary line follows
	}
	return header.String() + g.emptyLine() + content
}

// shared reports whether a multipart has the boundary of one around it, so that its boundary lines are none.
func (g *generator) shared() bool {
	sorted := slices.Sorted(slices.Values(g.open))
	return len(slices.Compact(sorted)) < len(g.open)
}

// text returns lines in a charset, some of which nearly are boundary lines.
func (g *generator) text(set string) string {
	letters := map[string]string{"us-ascii": "abc", "iso-8859-1": "éàüß", "koi8-r": "привет", "windows-1251": "привет", "euc-jp": "日本語"}[set]
	if letters == "" {
		letters = "é€日本語пр"
	}
	var out strings.Builder
	for range g.IntN(6) {
		line := ""
		for range g.IntN(8) {
			runes := []rune(letters)
			line += g.one("word ", "a=b ", " ", "-", string(runes[g.IntN(len(runes))]))
		}
		if len(g.open) > 0 && g.maybe(10) {
			line = g.one("-- ", " --", "-", "--x") + g.one(g.open...) + "." + line
		}
		bytes, _ := charset.Encode(set, line)
		out.WriteString(string(bytes) + g.end())
	}
	return out.String()
}

func (g *generator) base64(content string) string {
	s := base64.StdEncoding.EncodeToString([]byte(content))
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + g.end())
		s = s[76:]
		if g.maybe(10) {
			out.WriteString(g.one("!", " ", "\x00", "-_", "é"))
		}
	}
	return out.String() + s
}

// quoted encodes what must be, some of what need not be, and leaves some mistakes.
func (g *generator) quoted(content string) string {
	var out strings.Builder
	for i := 0; i < len(content); i++ {
		switch c := content[i]; {
		case c == '\r' || c == '\n':
			out.WriteByte(c)
		case c == '=' || c >= 0x80 || g.maybe(10):
			out.WriteString(fmt.Sprintf(g.one("=%02X", "=%02x"), c))
		default:
			out.WriteByte(c)
		}
		if g.eol != "\r" && g.eol != "" && g.maybe(5) {
			out.WriteString(g.one("="+g.eol, "=Zz", "=.", "=4!"))
		}
	}
	return out.String()
}

// filename returns a parameter in one of the ways in which there are.
func (g *generator) filename() string {
	name := g.one("a.txt", "é.pdf", "日本 語.doc", "a b (1).zip", "x'y.exe", "..", "a%20b.txt") + fmt.Sprint(g.IntN(3))
	ascii := strings.Trim(name, " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") == ""
	escaped := strings.ReplaceAll(url.PathEscape(name), "'", "%27")
	half := strings.LastIndexByte(escaped, '.') // not within an escape
	switch way := g.IntN(5); {
	case way == 0:
		return "; filename*=utf-8''" + escaped
	case way == 1:
		return "; filename*0*=UTF-8'en'" + escaped[:half] + "; filename*1*=" + escaped[half:]
	case way == 2:
		return "; filename*1*=" + escaped[half:] + ";" + g.end() + "\tfilename*0*=utf-8''" + escaped[:half]
	case way == 3 || !ascii:
		return `; filename="=?utf-8?` + g.one("b", "B") + `?` + base64.StdEncoding.EncodeToString([]byte(name)) + `?="`
	}
	return `; filename="` + name + `"`
}
