package edit

import (
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// asUTF8 returns the field Content-Type of a part, with its charset changed and nothing else.
func asUTF8(p *mime.Part) protocol.Field {
	out := protocol.Field{Name: "Content-Type"}
	if f := findField(p, out.Name); f != nil {
		out.Value = withCharset(f.Value)
	}
	if got := reread(out); got.Has(mime.BadType) || got.Charset != "utf-8" || got.Type != p.Type || len(got.Params) < len(p.Params) {
		out.Value = rebuilt(p)
	}
	return out
}

// reread returns a part that has that field.
func reread(f protocol.Field) *mime.Part { return mime.Parse([]protocol.Field{f}, mime.Text("")).Root }

// withCharset puts utf-8 in the place of the parameter charset, or behind the value.
func withCharset(value string) string {
	if start, end, ok := paramIn(value, "charset"); ok {
		return value[:start] + "utf-8" + value[end:]
	}
	return strings.TrimRight(value, " \t;") + "; charset=utf-8"
}

// rebuilt writes a Content-Type anew that is too odd to be changed in place.
func rebuilt(p *mime.Part) string {
	var out strings.Builder
	out.WriteString(p.Type + "; charset=utf-8")
	for _, param := range p.Params {
		base, _, extended := strings.Cut(param.Name, "*")
		if base == "charset" {
			continue
		}
		value := param.Value
		if !extended {
			value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		}
		out.WriteString(";\n\t" + param.Name + "=" + value)
	}
	return out.String()
}

// paramIn returns where the value of a parameter is, without its quotes.
func paramIn(value, name string) (start, end int, ok bool) {
	const blanks = " \t\r\n"
	i := strings.IndexByte(value, ';')
	for i >= 0 && i < len(value) {
		i += len(value[i:]) - len(strings.TrimLeft(value[i:], blanks+";"))
		n := strings.IndexAny(value[i:], "=;")
		if n < 0 {
			break
		}
		key := strings.Trim(value[i:i+n], blanks)
		i += n
		if value[i] == ';' {
			continue
		}
		i++
		i += len(value[i:]) - len(strings.TrimLeft(value[i:], blanks))
		if strings.HasPrefix(value[i:], `"`) {
			start, i = i+1, closingQuote(value, i+1)
			end = i
		} else {
			start = i
			if n = strings.IndexByte(value[i:], ';'); n < 0 {
				n = len(value) - i
			}
			end = start + len(strings.TrimRight(value[i:i+n], blanks))
			i += n
		}
		if strings.EqualFold(key, name) {
			return start, end, true
		}
		if i < len(value) && value[i] == '"' {
			i++
		}
	}
	return 0, 0, false
}

// closingQuote returns where a quoted value ends.
func closingQuote(s string, i int) int {
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
	}
	return i
}
