package mime

import (
	"fmt"
	"strings"
	"testing"
)

// outline writes a tree: a line a part, indented, with its content if it is a leaf, and with its problems.
func outline(p *Part) string {
	var out strings.Builder
	write(&out, p, 0)
	return strings.TrimSpace(out.String())
}

func write(out *strings.Builder, p *Part, depth int) {
	out.WriteString(strings.Repeat(" ", depth) + p.Type)
	if p.IsLeaf() {
		fmt.Fprintf(out, " %q", p.Decoded())
	}
	for _, what := range p.Problems {
		fmt.Fprintf(out, " [%s]", what)
	}
	out.WriteByte('\n')
	for _, child := range p.Parts {
		write(out, child, depth+1)
	}
}

// crlf makes messages readable in tests: one line a line.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") }

// tiles checks that the ranges of a tree fit together without gaps, and so give the source back byte for byte.
func tiles(t testing.TB, p *Part) {
	t.Helper()
	at := p.Header.Start
	next := func(what string, r Range) {
		if r.Start != at || r.End < r.Start {
			t.Fatalf("%s of %s is %v, want it to begin at %d", what, p.Type, r, at)
		}
		at = r.End
	}
	next("header", p.Header)
	if p.Content.Start != at || p.Content.End < at || p.Content.End > p.Source.Len() {
		t.Fatalf("content of %s is %v of %d", p.Type, p.Content, p.Source.Len())
	}
	if p.Parent != nil && p.Source != p.Parent.Source && (p.Header.Start != 0 || p.Content.End != p.Source.Len()) {
		t.Fatalf("%v of another source of %d bytes", p.Whole(), p.Source.Len())
	}
	multipart := p.IsMultipart() && p.Epilogue.End > 0
	if multipart {
		next("preamble", p.Preamble)
	}
	for _, child := range p.Parts {
		if child.Parent != p {
			t.Fatal("a child of another parent")
		}
		tiles(t, child)
		if child.Source == p.Source {
			next("boundary", child.Boundary)
			next("part", child.Whole())
		}
	}
	if multipart {
		next("end", p.End)
		next("epilogue", p.Epilogue)
	}
	if (multipart || len(p.Parts) > 0 && p.Parts[0].Source == p.Source) && at != p.Content.End {
		t.Fatalf("the ranges of %s end at %d, its content at %d", p.Type, at, p.Content.End)
	}
}

// parsed parses, and checks the ranges.
func parsed(t testing.TB, raw string) *Message {
	t.Helper()
	m := ParseRaw(Text(raw))
	tiles(t, m.Root)
	if m.Root.Header.Start != 0 || m.Root.Content.End != int64(len(raw)) {
		t.Fatalf("the message is %v of %d bytes", m.Root.Whole(), len(raw))
	}
	return m
}
