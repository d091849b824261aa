package config

import (
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// path is a key with the tables above it: limits, memory.
type path []string

// String writes the path as TOML does: limits.memory, script."my.filter".
func (p path) String() string {
	var parts []string
	for _, part := range p {
		parts = append(parts, bareOrQuoted(part))
	}
	return strings.Join(parts, ".")
}

// with returns the path of something below.
func (p path) with(names ...string) path { return append(slices.Clip(p), names...) }

// bareOrQuoted writes one part of a key. TOML 1.0: bare keys are of ASCII letters, digits, underscores and dashes.
func bareOrQuoted(part string) string {
	if part != "" && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == "" {
		return part
	}
	return quote(part)
}

// places says in which line each key of a file is, and each element of its lists. go-toml's decoder, which reads the values, tells
// where only of syntax errors; so its parser goes over the text once more.
type places struct {
	parser   unstable.Parser
	newlines []int // their offsets
	keys     map[string]int
	elements map[string][]int
}

// findPlaces reads a text that the decoder found to be right.
func findPlaces(text []byte) *places {
	p := &places{keys: map[string]int{}, elements: map[string][]int{}}
	for i, b := range text {
		if b == '\n' {
			p.newlines = append(p.newlines, i)
		}
	}
	p.parser.Reset(text)
	var table path
	for p.parser.NextExpression() {
		switch n := p.parser.Expression(); n.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = p.note(nil, n.Key())
		case unstable.KeyValue:
			p.keyValue(table, n)
		}
	}
	return p
}

// line returns the line of a node, counting from 1.
func (p *places) line(n *unstable.Node) int {
	before, _ := slices.BinarySearch(p.newlines, int(n.Raw.Offset))
	return before + 1
}

// note remembers where a key and the tables that it names first appear, and returns its path.
func (p *places) note(above path, key unstable.Iterator) path {
	for key.Next() {
		above = above.with(string(key.Node().Data))
		if name := above.String(); p.keys[name] == 0 {
			p.keys[name] = p.line(key.Node())
		}
	}
	return above
}

// keyValue goes down a value: into inline tables, and over the elements of a list.
func (p *places) keyValue(table path, n *unstable.Node) {
	key := p.note(table, n.Key())
	children := n.Value().Children()
	switch n.Value().Kind {
	case unstable.InlineTable:
		for children.Next() {
			p.keyValue(key, children.Node())
		}
	case unstable.Array:
		name := key.String()
		line := p.keys[name]
		for children.Next() {
			if children.Node().Raw.Length > 0 { // lists and tables say nothing of their place
				line = p.line(children.Node())
			}
			p.elements[name] = append(p.elements[name], line)
		}
	}
}
