package edit

import (
	"fmt"
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// fieldsOf returns the fields that say what a replacement is, and its content, encoded so that it can stand where a part is.
func (r Replacement) fieldsOf(p *mime.Part, eol string) (fields []protocol.Field, content string) {
	text := strings.ReplaceAll(tidy(r.Text), "\n", eol)
	charset, encoding := "us-ascii", "7bit"
	if !isASCII(text) {
		charset = "utf-8"
	}
	if !isASCII(text) || hasLongLine(text) || hasBoundary(p, text) {
		encoding, text = "quoted-printable", quoted(text, eol, false)
	}
	fields = []protocol.Field{
		{Name: "Content-Type", Value: r.kind() + "; charset=" + charset},
		{Name: "Content-Transfer-Encoding", Value: encoding},
	}
	if r.Filename != "" {
		fields = append(fields, protocol.Field{Name: "Content-Disposition", Value: "attachment; " + filename(r.Filename)})
	}
	return fields, text
}

func (r Replacement) kind() string {
	if r.Type == "" {
		return "text/plain"
	}
	return r.Type
}

// isType reports whether s is a type and a subtype (RFC 6838 section 4.2).
func isType(s string) bool {
	main, sub, ok := strings.Cut(s, "/")
	return ok && isToken(main) && isToken(sub)
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isBase64(c) && !strings.ContainsRune("!#$&^_.+-", rune(c)) || c == '/' {
			return false
		}
	}
	return s != ""
}

// filename writes the parameter of that name, in the form of RFC 2231 if it needs that.
func filename(name string) string {
	plain := true
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		plain = plain && c >= ' ' && c <= '~' && c != '"' && c != '\\'
		if isToken(string(rune(c))) && c != '&' && c < 0x80 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	if plain {
		return `filename="` + name + `"`
	}
	return "filename*=utf-8''" + out.String()
}
