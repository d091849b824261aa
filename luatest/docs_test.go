package luatest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is an example of the documentation that begins with the name of its file in a comment.
var block = regexp.MustCompile("(?ms)^```(?:lua|text)\n(?:-- |# )?([a-z_/]+\\.(?:lua|eml))[^\n]*\n(.*?)^```$")

// TestDocs writes the files that the documentation shows, each page into a folder of its own, and runs their tests.
func TestDocs(t *testing.T) {
	for _, page := range []string{"testing.md", "modules.md", "store.md", "limits.md", "timers.md"} {
		t.Run(page, func(t *testing.T) { testPage(t, page) })
	}
}

func testPage(t *testing.T, page string) {
	text, err := os.ReadFile("../docs/" + page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		path := filepath.Join(dir, m[1])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("docs/%s has %s twice", page, m[1])
		}
		if err := os.WriteFile(path, []byte(m[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if all := strings.Count(string(text), "```lua\n"); all != len(block.FindAllString(strings.ReplaceAll(string(text), "```text\n", ""), -1)) {
		t.Errorf("of %d examples in Lua some do not begin with the name of their file in a comment, so that no test runs them", all)
	}
	paths, err := Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Run(paths, Options{Jobs: 1}) {
		if f.Err != nil {
			t.Errorf("%v", f.Err)
		}
		for i := range f.Tests {
			if one := &f.Tests[i]; one.State == Failed {
				t.Errorf("%s\n%s", one.Name, one.Explanation())
			}
		}
	}
}
