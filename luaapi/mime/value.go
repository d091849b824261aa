package mime

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"luamilter/luaapi/charset"
)

// Param is a parameter as it stands in a field: the name in lower case, perhaps with the asterisks of RFC 2231; the value without quotes.
type Param struct{ Name, Value string }

// maxParams is far more than anything needs.
const maxParams = 200

// parseValue takes a value such as text/plain; charset=utf-8 apart. There is nothing that it refuses.
func parseValue(s string) (main string, params []Param) {
	main, rest, _ := strings.Cut(s, ";")
	main = strings.Trim(withoutComments(main), " \t")
	if i := strings.IndexAny(main, " \t"); i >= 0 { // a semicolon is missing
		main, rest = main[:i], main[i+1:]+";"+rest
	}
	for len(params) < maxParams {
		rest = strings.TrimLeft(rest, " \t;")
		end := strings.IndexAny(rest, "=;")
		if end < 0 {
			break
		}
		name := strings.ToLower(strings.TrimRight(rest[:end], " \t"))
		if rest[end] == ';' {
			rest = rest[end:]
			continue
		}
		var value string
		value, rest = cutValue(strings.TrimLeft(rest[end+1:], " \t"), isName(name))
		if name != "" {
			params = append(params, Param{name, value})
		}
	}
	return main, params
}

// isName reports whether a parameter is a file name, in which parentheses and blanks are nothing special.
func isName(param string) bool {
	base, _, _ := strings.Cut(param, "*")
	return base == "name" || base == "filename"
}

// cutValue returns the value that s begins with, and what follows. One without quotes goes to the semicolon.
func cutValue(s string, name bool) (value, rest string) {
	if strings.HasPrefix(s, `"`) {
		return cutQuoted(s[1:])
	}
	value, rest, _ = strings.Cut(s, ";")
	if !name {
		value = withoutComments(value)
	}
	return strings.TrimRight(value, " \t"), rest
}

// cutQuoted returns what is before the closing quote. A backslash counts before a quote or a backslash only: others are from senders that
// wrote the path of a file.
func cutQuoted(s string) (value, rest string) {
	var out strings.Builder
	from := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			if out.Len() == 0 && from == 0 {
				return s[:i], s[i+1:]
			}
			out.WriteString(s[from:i])
			return out.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			out.WriteString(s[from:i])
			i++
			from = i
		}
	}
	out.WriteString(s[from:])
	return out.String(), ""
}

// withoutComments takes out what is in parentheses (RFC 5322 section 3.2.2). One that is not closed goes to the end.
func withoutComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	var out strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '(':
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		case depth == 0:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// param returns a parameter in whichever form it is there, the plain one last.
func param(params []Param, name string) (string, bool) {
	if value, ok, _ := extended(params, name); ok {
		return value, true
	}
	return plain(params, name)
}

// plain returns a parameter that was written without the asterisks of RFC 2231.
func plain(params []Param, name string) (string, bool) {
	for _, p := range params {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// section is a piece of a parameter (RFC 2231 section 3).
type section struct {
	number  int
	encoded bool
	text    string
}

// extended returns a parameter in the forms of RFC 2231: name*=charset'language'text, or name*0, name*1 and so on. Whole is false if a
// section is missing, or the charset is not known.
func extended(params []Param, name string) (value string, found, whole bool) {
	sections := sectionsOf(params, name)
	if len(sections) == 0 {
		return "", false, false
	}
	whole = true
	from, bytes := "utf-8", make([]byte, 0, 64)
	for i, s := range sections {
		if s.number != i {
			whole = false
			break
		}
		if i == 0 && s.encoded {
			if parts := strings.SplitN(s.text, "'", 3); len(parts) == 3 {
				from, s.text = cmp.Or(parts[0], from), parts[2]
			}
		}
		if s.encoded {
			bytes = appendUnescaped(bytes, s.text)
		} else {
			bytes = append(bytes, s.text...)
		}
	}
	if !slices.ContainsFunc(sections, func(s section) bool { return s.encoded }) {
		return anyText(string(bytes)), true, whole
	}
	text, ok := charset.Decode(from, bytes)
	return text, true, whole && ok
}

func sectionsOf(params []Param, name string) []section {
	var out []section
	for _, p := range params {
		rest, ok := strings.CutPrefix(p.Name, name+"*")
		if !ok {
			continue
		}
		if rest == "" {
			return []section{{0, true, p.Value}}
		}
		digits, encoded := strings.CutSuffix(rest, "*")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || slices.ContainsFunc(out, func(s section) bool { return s.number == n }) {
			continue
		}
		out = append(out, section{n, encoded, p.Value})
	}
	slices.SortFunc(out, func(a, b section) int { return a.number - b.number })
	if len(out) > 0 && out[0].number != 0 {
		return nil
	}
	return out
}

// appendUnescaped appends a text with %XX; a percent sign that is not followed by that stands for itself.
func appendUnescaped(out []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f'
}

func unhex(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b | 0x20 - 'a' + 10
}

// flagDuplicates flags parameters that matter and are there twice.
func (p *Part) flagDuplicates(params []Param) {
	for i, one := range params {
		switch one.Name {
		case "boundary", "charset", "name", "filename", "smime-type", "protocol", "start", "name*", "filename*":
			if first := slices.IndexFunc(params, func(q Param) bool { return q.Name == one.Name }); first < i {
				p.flag(DuplicateParam)
			}
		}
	}
	if len(params) >= maxParams {
		p.flag(Truncated)
	}
}
