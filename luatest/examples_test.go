package luatest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"luamilter/luaapi"
)

// wholeTest is an example that has tests; the others stand in one.
var wholeTest = regexp.MustCompile(`(?m)^(describe|it|pending)\(`)

// TestExamples runs the examples of the reference about its script.
func TestExamples(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var paths []string
	for _, m := range Modules() {
		for _, e := range luaapi.Examples(m.Name) {
			text := e.Text
			if !wholeTest.MatchString(text) {
				text = "it(\"works\", function()\n" + text + "end)\n"
			}
			name := m.Name + "_" + e.Name
			write(name+".lua", luaapi.ExampleScript())
			paths = append(paths, write(name+Suffix, text))
		}
	}
	for _, f := range Run(paths, Options{Jobs: 2}) {
		if f.Err != nil {
			t.Error(f.Err)
		}
		if len(f.Tests) == 0 && f.Err == nil {
			t.Errorf("%s has no test", f.Path)
		}
		for i := range f.Tests {
			if one := &f.Tests[i]; one.State == Failed {
				t.Errorf("%s\n%s", f.Path, one.Explanation())
			}
		}
	}
}
