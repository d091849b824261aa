package engine

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
)

const checkDocs = "../docs/check.md"

// section is what docs/check.md says about one rule.
type section struct {
	name, text   string
	wrong, right []string // scripts
}

var (
	sectionForm = regexp.MustCompile(`(?s)### ([a-z-]+)\n\n(.*?)\n\n(.*)`)
	exampleForm = regexp.MustCompile("(?s)```lua\n(-- (wrong|right)\n.*?)```")
	arrow       = regexp.MustCompile(`(?m)  -->.*$`)
)

// sections reads docs/check.md.
func sections(t *testing.T) []section {
	t.Helper()
	text, err := os.ReadFile(checkDocs)
	if err != nil {
		t.Fatal(err)
	}
	var all []section
	for part := range strings.SplitSeq(string(text), "\n### ") {
		m := sectionForm.FindStringSubmatch("### " + part)
		if m == nil {
			continue // the introduction
		}
		s := section{name: m[1], text: m[2]}
		for _, example := range exampleForm.FindAllStringSubmatch(m[3], -1) {
			if example[2] == "wrong" {
				s.wrong = append(s.wrong, example[1])
			} else {
				s.right = append(s.right, example[1])
			}
		}
		all = append(all, s)
	}
	return all
}

// findingsOf checks a script as the command does. One that cannot be loaded is looked at all the same.
func findingsOf(t *testing.T, text string) []*ScriptError {
	t.Helper()
	return findingsWithout(t, text, nil)
}

// findingsWithout is findingsOf where some things have nobody to ask.
func findingsWithout(t *testing.T, text string, unmet map[string]lint.Unmet) []*ScriptError {
	t.Helper()
	path := writeScript(t, "s", text)
	p, err := Load([]string{path}, Options{Limits: DefaultLimits, Unmet: unmet})
	if err == nil {
		defer p.Close()
		return p.Check()
	}
	var script *ScriptError
	if !errors.As(err, &script) || script.Line == 0 {
		t.Fatalf("an error without a place: %v", err)
	}
	f, err := compile(path, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []*ScriptError
	for _, found := range f.Lint.Check(API()) {
		if found.Line != script.Line {
			t.Errorf("line %d, but it does not load because of line %d", found.Line, script.Line)
		}
		all = append(all, f.finding(found))
	}
	return all
}

// TestCheckDocs holds docs/check.md and check against each other: each rule is in it, each wrong example has this finding and no other,
// in the line with the arrow, with what stands there; no right example has any.
func TestCheckDocs(t *testing.T) {
	all := sections(t)
	rules := lint.Rules()
	if len(all) != len(rules) {
		t.Errorf("%d sections for %d rules", len(all), len(rules))
	}
	for i, s := range all {
		t.Run(s.name, func(t *testing.T) {
			if i >= len(rules) || s.name != rules[i].Name {
				t.Fatalf("there is no such rule in this place")
			}
			r := rules[i]
			want := strings.ToUpper(r.Severity.String()[:1]) + r.Severity.String()[1:] + ". " + r.Summary
			if !strings.HasPrefix(s.text, want) {
				t.Errorf("it begins %q, not %q", s.text, want)
			}
			if len(s.wrong) == 0 || len(s.right) == 0 {
				t.Error("it needs a wrong and a right example")
			}
			for _, text := range s.wrong {
				testWrong(t, text, r)
			}
			for _, text := range s.right {
				for _, f := range findingsWithout(t, text, unmetIn(r)) {
					t.Errorf("in a right example:\n%s", f.Detail())
				}
			}
		})
	}
}

// unmetIn returns what has nobody to ask in the examples of a rule: only one is about that.
func unmetIn(r lint.Rule) map[string]lint.Unmet {
	if r.Name != "not-configured" {
		return nil
	}
	return unmetWithout()
}

// unmetWithout is what has nobody to ask where nothing is configured.
func unmetWithout() map[string]lint.Unmet {
	return luaapi.Unmet(func(n *luaapi.Need) (string, bool) { return "write " + n.Line(), false })
}

// testWrong looks for the one finding of a wrong example.
func testWrong(t *testing.T, text string, r lint.Rule) {
	t.Helper()
	found := findingsWithout(t, arrow.ReplaceAllString(text, ""), unmetIn(r))
	if len(found) != 1 {
		t.Errorf("%d findings in\n%s", len(found), text)
		for _, f := range found {
			t.Log(f.Detail())
		}
		return
	}
	f := found[0]
	lines := strings.Split(text, "\n")
	_, said, _ := strings.Cut(lines[f.Line-1], "  --> ")
	switch {
	case f.Rule != r.Name:
		t.Errorf("it is found as %s", f.Rule)
	case f.Column == 0 || f.Hint == "":
		t.Errorf("it has no column, or does not say what to do: %v", f)
	case said != f.Text+"; "+f.Hint:
		t.Errorf("line %d says %q\nfound   %q", f.Line, said, f.Text+"; "+f.Hint)
	}
}

// TestCheckFindsNothing: scripts that are meant to be right have no findings.
func TestCheckFindsNothing(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"../scripts/*.lua", "../tests/load/*.lua", "../tests/miltertest/[a-z]*.lua"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { // those are wrong on purpose, or for test programs
		base := filepath.Base(path)
		return base == "errors.lua" || base == "common.lua" || strings.HasSuffix(base, "_mt.lua") || strings.HasSuffix(base, "_test.lua")
	})
	if len(paths) < 8 {
		t.Fatalf("only %d scripts: %v", len(paths), paths)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findingsOf(t, string(text)) {
			t.Errorf("%s: %s", path, f.Detail())
		}
	}
}

// TestCheckOfDocs: the examples of the other pages have no findings either.
func TestCheckOfDocs(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, "../README.md")
	block := regexp.MustCompile("(?s)```lua\n(.*?)```")
	looked := 0
	for _, page := range pages {
		switch page {
		case checkDocs, "../docs/reference.md", // whose examples are lines that show what they give
			"../docs/miltertest.md": // which is about other scripts
			continue
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(string(text), -1) {
			src, err := lint.Parse(page, []byte(m[1]))
			if err != nil || src.GlobalLines("expect") != nil || src.GlobalLines("it") != nil {
				continue // an excerpt, or a file of tests
			}
			looked++
			for _, f := range src.Check(API()) {
				if f.Rule != "unknown-module" { // of other files
					t.Errorf("%s: %v in\n%s", page, f, m[1])
				}
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d examples", looked)
	}
}
