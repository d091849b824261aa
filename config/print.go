package config

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"luamilter/luaapi/date"
)

// Print writes the configuration as a file that Load reads back to the same, with the origin of each key beside it.
func (c *Config) Print(w io.Writer) error {
	p := &printer{config: c, out: bufio.NewWriter(w)}
	last := ""
	for i := range table {
		e := &table[i]
		if e.isWild() {
			continue
		}
		if e.table != last {
			fmt.Fprintf(p.out, "\n[%s]\n", e.table)
			last = e.table
		}
		p.line(e.path(""), render(e.field(c, "")))
	}
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		p.listener(path{tableListener, name}, c.named[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.scripts)) {
		p.script(path{tableScript, name}, c.scripts[name])
	}
	return p.out.Flush()
}

// IsEmpty reports whether a key of a table, such as clamav.address, is "" or an empty list. There must be such a key.
func (c *Config) IsEmpty(key string) bool {
	e, _ := find(path(strings.Split(key, ".")))
	text := render(e.field(c, ""))
	return text == `""` || text == "[]"
}

// printer writes a configuration.
type printer struct {
	config *Config
	out    *bufio.Writer // remembers the first error
}

// line writes a key, its value and its origin.
func (p *printer) line(key path, value string) {
	fmt.Fprintf(p.out, "%s = %s  # from %s\n", bareOrQuoted(key[len(key)-1]), value, printable(p.config.Origin(key.String())))
}

// listener writes a listener, with what it has from the top.
func (p *printer) listener(name path, l *listener) {
	fmt.Fprintf(p.out, "\n[%s]\n", name)
	onError, mode := l.onError, l.mode
	if onError == "" {
		onError = p.config.top.onError
	}
	if mode == "" {
		mode = p.config.top.mode
	}
	p.line(name.with("listen"), render(&l.listen))
	p.line(name.with("scripts"), render(&l.scripts))
	p.line(name.with("on_error"), render(&onError))
	p.line(name.with("mode"), render(&mode))
}

// script writes what is said of a script, and no more: the rest depends on the listener.
func (p *printer) script(name path, s *script) {
	fmt.Fprintf(p.out, "\n[%s]\n", name)
	if s.onError != "" {
		p.line(name.with("on_error"), quote(s.onError))
	}
	if s.mode != "" {
		p.line(name.with("mode"), quote(s.mode))
	}
	for _, key := range slices.Sorted(maps.Keys(s.settings)) {
		p.line(name.with(key), renderSetting(s.settings[key].Value))
	}
}

// render writes what a field holds as TOML.
func render(field any) string {
	switch f := field.(type) {
	case *bool:
		return strconv.FormatBool(*f)
	case *int64:
		return strconv.FormatInt(*f, 10)
	case *string:
		return quote(*f)
	case *time.Duration:
		return quote(date.FormatDuration(*f))
	case *[]item:
		var texts []string
		for _, i := range *f {
			texts = append(texts, quote(i.text))
		}
		return "[" + strings.Join(texts, ", ") + "]"
	default: // *Size, *Percent
		return quote(fmt.Sprint(f))
	}
}

// renderSetting writes a script's setting as TOML, in one line.
func renderSetting(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case float64:
		text := strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64)) // +Inf is +inf in TOML
		if strings.Trim(text, "-0123456789") == "" {
			text += ".0" // a float remains one
		}
		return text
	case []any:
		var elements []string
		for _, element := range v {
			elements = append(elements, renderSetting(element))
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case map[string]any:
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			pairs = append(pairs, bareOrQuoted(key)+" = "+renderSetting(v[key]))
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	default: // bool, int64
		return fmt.Sprint(v)
	}
}

// quote writes a basic string. TOML 1.0: control characters are escaped, as are quotes and backslashes.
func quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case !unicode.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&out, `\u%04X`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&out, `\U%08X`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}
