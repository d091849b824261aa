package luatest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"luamilter/engine"
)

// Counts are how many tests came to what, over all files.
type Counts struct {
	Passed, Failed, Pending int
	Broken                  int // files that cannot be loaded
}

// Count adds up what became of the tests.
func Count(files []File) (c Counts) {
	for _, f := range files {
		if f.Err != nil {
			c.Broken++
		}
		for _, t := range f.Tests {
			switch t.State {
			case Passed:
				c.Passed++
			case Failed:
				c.Failed++
			case Pending:
				c.Pending++
			}
		}
	}
	return c
}

// OK reports whether nothing failed.
func (c Counts) OK() bool { return c.Failed == 0 && c.Broken == 0 }

// WriteText writes for people: what failed, with the place and the reason, what is pending, and a line that sums it up.
func WriteText(w io.Writer, files []File, took time.Duration) {
	for _, f := range files {
		if f.Err != nil {
			fmt.Fprintf(w, "FAILED %s: it cannot be loaded\n%s\n", f.Path, detail(f.Err))
		}
		for i := range f.Tests {
			writeTest(w, &f.Tests[i])
		}
	}
	c := Count(files)
	parts := []string{fmt.Sprintf("%d passed", c.Passed), fmt.Sprintf("%d failed", c.Failed)}
	if c.Pending > 0 {
		parts = append(parts, fmt.Sprintf("%d pending", c.Pending))
	}
	if c.Broken > 0 {
		parts = append(parts, counted(c.Broken, "file")+" cannot be loaded")
	}
	fmt.Fprintf(w, "%s (%s, %.2f s)\n", strings.Join(parts, ", "), counted(len(files), "file"), took.Seconds())
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func writeTest(w io.Writer, t *Test) {
	switch t.State {
	case Pending:
		fmt.Fprintf(w, "pending %s (%s:%d): %s\n", plainText(t.Name), t.Path, t.Line, plainText(t.Why))
	case Failed:
		fmt.Fprintf(w, "FAILED %s\n%s\n", plainText(t.Name), t.Explanation())
	}
}

// stale says what it means that a test fails only with VMs that were used.
const stale = "it passes with new VMs, and fails with VMs that were used before: what belongs to a connection is in variables outside the functions of the script; keep it in conn (luamilter check shows where)"

// Explanation returns why the test failed, over several lines.
func (t *Test) Explanation() string {
	var out strings.Builder
	out.WriteString(detail(t.Err))
	if t.Stale {
		out.WriteString("  " + stale + "\n")
	}
	for _, e := range t.Scripts {
		out.WriteString("  error in a script, in " + e.Hook + ":\n" + indented(detail(e)))
	}
	return out.String()
}

// detail is an error with the line of the source, where that is known.
func detail(err error) string {
	var failure *Failure
	var script *engine.ScriptError
	switch {
	case errors.As(err, &failure):
		return failure.Detail()
	case errors.As(err, &script):
		return script.Detail() + "\n"
	}
	return err.Error() + "\n"
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
