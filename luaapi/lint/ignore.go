package lint

import (
	"slices"
	"strings"
)

// ignoreMark begins a comment that silences findings: -- luamilter: ignore unknown-function, unused-result
const ignoreMark = "luamilter: ignore"

// ignored takes away what comments in the script silence: on their own line, or, of a comment that has a line for itself, on the next.
func (c *checker) ignored() {
	silenced := map[int][]string{}
	l := newLexer(c.src.text)
	l.remark = func(r remark) {
		names, ok := strings.CutPrefix(strings.TrimSpace(r.text), ignoreMark)
		if !ok {
			return
		}
		at := r.line
		if r.alone {
			at++
		}
		names, _, _ = strings.Cut(names, "--") // a remark on the remark
		for _, name := range strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			silenced[at] = append(silenced[at], name)
			c.knownRule(r, name)
		}
	}
	for t := l.next(); t.kind != tokenEnd && !t.open; t = l.next() {
	}
	if len(silenced) == 0 {
		return
	}
	c.found = slices.DeleteFunc(c.found, func(f Finding) bool { return slices.Contains(silenced[f.Line], f.Rule) })
}

// knownRule finds comments that silence what does not exist.
func (c *checker) knownRule(r remark, name string) {
	names := ruleNames()
	if slices.Contains(names, name) || c.full() {
		return
	}
	hint := "see docs/check.md for the names"
	if near := Nearest(name, names); near != "" {
		hint = didYouMean(near)
	}
	c.add(unknownRule, r.line, "", hint, "no finding is called %s", shorten(name))
	if last := len(c.found) - 1; c.found[last].Column == 0 {
		c.found[last].Column = r.column
	}
}
