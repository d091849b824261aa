package luaapi

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// WriteEntries writes what the reference says about a name: a hook, a module, or a function or field with or without its module's name,
// as scripts write it (msg:add_footer, conn.ip, eom), also in more modules. An unknown name is an error that says the nearest one.
func WriteEntries(w io.Writer, name string, more ...Module) error {
	l := lookup{wanted: plainName(name)}
	for s := range protocol.Stage(protocol.NumStages) {
		if l.is(s.String()) {
			writeHook(&l.out, s)
		}
	}
	for _, m := range append(Modules(), more...) {
		l.module(&m)
	}
	if l.out.Len() == 0 {
		return l.unknown(name)
	}
	_, err := w.Write(l.out.Bytes())
	return err
}

// WriteContents writes the names of everything there is, a paragraph for each module, and for more of them.
func WriteContents(w io.Writer, more ...Module) error {
	var out bytes.Buffer
	var hooks []string
	for s := range protocol.Stage(protocol.NumStages) {
		hooks = append(hooks, s.String())
	}
	fmt.Fprintf(&out, "hooks\n    %s\n", wrapped(hooks))
	for _, m := range append(Modules(), more...) {
		var names []string
		for i := range m.Fields {
			names = append(names, m.Fields[i].Name)
		}
		for i := range m.Funcs {
			names = append(names, m.Funcs[i].Name)
		}
		fmt.Fprintf(&out, "\n%s\n    %s\n", m.Name, wrapped(names))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// wrapped joins words to lines that fit beside an indent of four.
func wrapped(words []string) string {
	var out strings.Builder
	width := 0
	for i, word := range words {
		switch {
		case i == 0:
		case width+1+len(word) > 74:
			out.WriteString("\n    ")
			width = 0
		default:
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += len(word)
	}
	return out.String()
}

// lookup collects the entries of a name, and the names that could have been meant.
type lookup struct {
	wanted string
	known  []string
	out    bytes.Buffer
}

// plainName writes methods as fields, and leaves out what may stand behind a name when it is copied: "msg:text()" is msg.text.
func plainName(name string) string {
	name, _, _ = strings.Cut(strings.TrimSpace(name), "(")
	return strings.ReplaceAll(name, ":", ".")
}

// is reports whether a name is the wanted one.
func (l *lookup) is(name string) bool {
	l.known = append(l.known, name)
	return plainName(name) == l.wanted
}

// module writes the module if it is meant, else those of its members that are.
func (l *lookup) module(m *Module) {
	if l.is(m.Name) {
		m.write(&l.out)
		return
	}
	examples := Examples(m.Name)
	for i := range m.Fields {
		p := &m.Fields[i]
		if full := l.is(m.fieldName(p)); l.is(p.Name) || full {
			m.writeField(&l.out, p)
			fmt.Fprintln(&l.out)
			writeExample(&l.out, example(examples, p.Name))
		}
	}
	for i := range m.Funcs {
		f := &m.Funcs[i]
		spelling, _, _ := strings.Cut(m.spelling(f), "(")
		if full := l.is(spelling); l.is(f.Name) || full {
			f.write(&l.out, m, example(examples, f.Name))
		}
	}
}

// unknown says which name was probably meant.
func (l *lookup) unknown(name string) error {
	known := l.known
	if module, _, qualified := strings.Cut(l.wanted, "."); qualified {
		known = nil
		for _, k := range l.known {
			if strings.HasPrefix(plainName(k), module+".") {
				known = append(known, k)
			}
		}
		if len(known) == 0 {
			known = l.known
		}
	}
	if nearest := lint.Nearest(name, known); nearest != "" {
		return fmt.Errorf("there is nothing called %q; did you mean %q?", name, nearest)
	}
	return fmt.Errorf("there is nothing called %q; luamilter docs --contents lists what there is", name)
}
