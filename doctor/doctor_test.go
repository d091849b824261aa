package doctor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/engine"
)

// socket reads a socket specification.
func socket(t testing.TB, text string) engine.Spec {
	t.Helper()
	s, err := engine.ParseSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stock is luamilter as it runs without any settings, on the given sockets.
func stock(t testing.TB, sockets ...string) Filter {
	t.Helper()
	f := Filter{CommandTime: 8 * time.Second, MessageTime: 4 * time.Minute, User: "luamilter"}
	if len(sockets) == 0 {
		sockets = []string{engine.DefaultSpec}
	}
	for _, text := range sockets {
		f.Sockets = append(f.Sockets, socket(t, text))
	}
	return f
}

// edit replaces a text in a file, which must have it; an old text of "" adds at the end.
type edit struct{ file, old, new string }

// mistake is one thing done wrong in a copy of a configuration that has no mistakes.
type mistake struct {
	name    string
	listen  []string // luamilter's sockets; none: the default
	edits   []edit
	folders []folder // that exist
	file    string   // where it must be found
	line    string   // on the first line with this text; "": no line
	rank    Rank     // "": wrong
	what    string   // part of the finding
	why     string   // part of the finding
	write   string   // the whole line to write
	remains bool     // the written line alone does not mend it
}

// folder is a folder below the root with its mode.
type folder struct {
	path string
	mode os.FileMode
}

// copyOf makes a copy of a folder of testdata and applies edits.
func copyOf(t testing.TB, from string, folders []folder, edits ...edit) (root string) {
	t.Helper()
	root = t.TempDir()
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", from))); err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		full := filepath.Join(root, f.path)
		if err := os.MkdirAll(full, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(full, f.mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(full, 0o755) })
	}
	for _, e := range edits {
		text := read(t, root, e.file)
		changed := strings.Replace(text, e.old, e.new, 1)
		if e.old == "" {
			changed = text + e.new
		}
		if changed == text {
			t.Fatalf("%s has no %q", e.file, e.old)
		}
		write(t, root, e.file, changed)
	}
	return root
}

// read returns a file's text; that of one that does not exist is empty.
func read(t testing.TB, root, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, root, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lineOf returns the number of the first line with a text, 0 for "".
func lineOf(t testing.TB, text, part string) int {
	t.Helper()
	if part == "" {
		return 0
	}
	at := strings.Index(text, part)
	if at < 0 {
		t.Fatalf("no line has %q", part)
	}
	return 1 + strings.Count(text[:at], "\n")
}

// examine is Postfix or Sendmail on the usual files.
type examine func(f Filter, root string) ([]Finding, error)

// run plants the mistake, which must be the only finding, and writes what the finding says, which must leave none.
func (m mistake) run(t *testing.T, from string, look examine) {
	root := copyOf(t, from, m.folders, m.edits...)
	filter := stock(t, m.listen...)
	findings, err := look(filter, root)
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 1 {
		t.Fatalf("%d findings:\n%s", len(findings), joined(findings))
	}
	got := findings[0]
	want := Finding{Rank: m.rank, File: m.file, Line: lineOf(t, read(t, root, m.file), m.line), What: got.What, Why: got.Why, Write: m.write}
	if m.rank == "" {
		want.Rank = Wrong
	}
	if got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(got.What, m.what) || !strings.Contains(got.Why, m.why) || m.what == "" || m.why == "" {
		t.Errorf("found\n%s\nwithout %q or %q", got, m.what, m.why)
	}
	if m.remains {
		return
	}
	mend(t, root, got)
	findings, err = look(filter, root)
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 0 {
		t.Errorf("after writing %s:\n%s", got.Write, joined(findings))
	}
}

// mend writes the line of a finding into its file: in place of the line it was found on, below it, or, for a macro of m4, before the mailers.
func mend(t testing.TB, root string, f Finding) {
	t.Helper()
	lines := strings.Split(read(t, root, f.File), "\n")
	at, replace := f.Line-1, f.Line > 0
	text := f.Write
	switch {
	case strings.HasPrefix(text, "-o "):
		text = "  " + text
		if !strings.HasPrefix(lines[at], " ") { // the service itself
			at, replace = at+1, false
		}
	case strings.HasPrefix(text, "define("), f.Line == 0 && strings.HasPrefix(text, "INPUT_MAIL_FILTER("):
		at, replace = slices.Index(lines, "MAILER_DEFINITIONS"), false
	case f.Line == 0:
		at = len(lines)
	}
	if replace {
		lines[at] = text
	} else {
		lines = slices.Insert(lines, at, text)
	}
	write(t, root, f.File, strings.Join(lines, "\n"))
}

func joined(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

func TestFindingIsOneLine(t *testing.T) {
	f := Finding{Note, "/etc/postfix/main.cf", 7, "a\nb", "c\x1b[31m", "d"}
	if got, want := f.String(), "/etc/postfix/main.cf:7: note: a b: c [31m; write: d"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
