package repl

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"luamilter/engine"
)

// scripted is a person who types what a page shows, and whose lines are seen with their prompts.
type scripted struct {
	lines *Piped
	out   *strings.Builder
}

// Line implements Reader.
func (s scripted) Line(prompt string) (string, error) {
	line, err := s.lines.Line(prompt)
	if err == nil {
		s.out.WriteString(prompt + line + "\n")
	}
	return line, err
}

// Complete implements Reader.
func (scripted) Complete(func() []string) {}

// fenced returns the first block of a page that begins with a fence and a text.
func fenced(t *testing.T, page, begin string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n```"+begin)
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatalf("%s has no block that begins with %q", page, begin)
	}
	return block + "\n"
}

var typed = regexp.MustCompile(`(?m)^>>? (.*\n)`)

// TestDocs types what docs/repl.md shows.
func TestDocs(t *testing.T) {
	want := fenced(t, "../docs/repl.md", "\n>")
	want = ">" + want
	message := fenced(t, "../docs/tutorial.md", "text mail/1.eml\n")
	var lines strings.Builder
	for _, m := range typed.FindAllStringSubmatch(want, -1) {
		lines.WriteString(m[1])
	}
	var out strings.Builder
	p := &Prompt{Lines: scripted{NewPiped(strings.NewReader(lines.String())), &out}, Out: &out}
	if _, err := p.Run(nil, engine.Options{Limits: engine.DefaultLimits}, []byte(message)); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("it shows\n%s\nand not\n%s", out.String(), want)
	}
}
