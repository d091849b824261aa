package luatest

import (
	"fmt"
	"io"
	"strings"
)

// WriteTAP writes what became of the tests in version 13 of the Test Anything Protocol.
func WriteTAP(w io.Writer, files []File) {
	n := 0
	fmt.Fprintln(w, "TAP version 13")
	for _, f := range files {
		if f.Err != nil {
			n++
			fmt.Fprintf(w, "not ok %d - %s cannot be loaded\n%s", n, tapName(f.Path), comment(detail(f.Err)))
		}
		for i := range f.Tests {
			t := &f.Tests[i]
			n++
			switch t.State {
			case Passed:
				fmt.Fprintf(w, "ok %d - %s\n", n, tapName(t.Name))
			case Pending:
				fmt.Fprintf(w, "ok %d - %s # SKIP %s\n", n, tapName(t.Name), tapName(t.Why))
			case Failed:
				fmt.Fprintf(w, "not ok %d - %s\n%s", n, tapName(t.Name), comment(t.Explanation()))
			}
		}
	}
	fmt.Fprintf(w, "1..%d\n", n)
}

// tapName keeps a name on its line, and from being taken for a directive.
func tapName(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "#", "\\#").Replace(s)
}

func comment(text string) string {
	return "# " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n# ") + "\n"
}
