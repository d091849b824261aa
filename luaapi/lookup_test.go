package luaapi

import (
	"bytes"
	"strings"
	"testing"
)

func TestWriteEntries(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string // parts of what is written, in order
	}{
		{"msg:add_footer", []string{"### `msg:add_footer(footer)`", "- works in: eom", "- errors: ", "```lua\nmsg:add_footer{"}},
		{"msg.add_footer(...)", []string{"### `msg:add_footer(footer)`"}},
		{"add_footer", []string{"### `msg:add_footer(footer)`"}},
		{"conn.ip", []string{"- **`conn.ip`** (string or nil): "}},
		{"conn.tls", []string{"- **`conn.tls`**", "```lua\nlocal version"}},
		{"string.format", []string{"### `string.format(layout, ...)`", "--> part: 2 of 99.5%"}},
		{"eom", []string{"### `eom(conn, msg)`", "xxfi_eom", "function eom(conn, msg)"}},
		{"body", []string{"### `body(conn, chunk)`", "## body", "### `body:lines()`"}},
		{"reject", []string{"### `reject([code], [status], [text])`"}},
		{"printable", []string{"### `printable(text)`"}},
		{"decoded", []string{"### `headers:decoded(name, [n])`", "**`field.decoded`**"}},
	} {
		var out bytes.Buffer
		if err := WriteEntries(&out, c.name); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		rest := out.String()
		for _, part := range c.want {
			_, after, found := strings.Cut(rest, part)
			if !found {
				t.Errorf("%s: %q is not where it should be in\n%s", c.name, part, out.String())
			}
			rest = after
		}
	}
}

func TestUnknownEntries(t *testing.T) {
	for name, want := range map[string]string{
		"msg:add_foter":  `did you mean "msg:add_footer"?`,
		"conn.ipp":       `did you mean "conn.ip"?`,
		"recpt":          `did you mean "rcpt"?`,
		"string.formatt": `did you mean "string.format"?`,
		"frobnicate":     "luamilter docs --contents",
		"":               "luamilter docs --contents",
	} {
		var out bytes.Buffer
		err := WriteEntries(&out, name)
		if err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%q: %v and %q, want %s", name, err, out.String(), want)
		}
	}
}

func TestContentsNameEverything(t *testing.T) {
	var out bytes.Buffer
	if err := WriteContents(&out); err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for word := range strings.FieldsSeq(out.String()) {
		words[word] = true
	}
	for _, m := range Modules() {
		for _, f := range m.Funcs {
			if !words[f.Name] {
				t.Errorf("%s.%s is missing", m.Name, f.Name)
			}
		}
		for _, p := range m.Fields {
			if !words[p.Name] {
				t.Errorf("%s.%s is missing", m.Name, p.Name)
			}
		}
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 80 {
			t.Errorf("too long for a terminal: %s", line)
		}
	}
}
