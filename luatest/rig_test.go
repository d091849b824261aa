package luatest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files into a folder of the test's and goes there, so that what is shown has short paths.
func folder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runAll runs all tests in the current folder.
func runAll(t *testing.T, o Options) []File {
	t.Helper()
	paths, err := Find([]string{"."})
	if err != nil {
		t.Fatal(err)
	}
	return Run(paths, o)
}

// runText runs the tests of one text against a script, and returns them.
func runText(t *testing.T, script, text string) []Test {
	t.Helper()
	folder(t, map[string]string{"s.lua": script, "s_test.lua": text})
	f := runAll(t, Options{Jobs: 1})[0]
	if f.Err != nil {
		t.Fatalf("cannot be loaded: %s", detail(f.Err))
	}
	return f.Tests
}

// passes wants all tests of a text to pass.
func passes(t *testing.T, script, text string) {
	t.Helper()
	all := runText(t, script, text)
	if len(all) == 0 {
		t.Error("there are no tests")
	}
	for i := range all {
		if all[i].State != Passed {
			t.Errorf("%s:\n%s%s", all[i].Name, all[i].Why, explanation(&all[i]))
		}
	}
}

func explanation(one *Test) string {
	if one.Err == nil {
		return ""
	}
	return one.Explanation()
}

// fails wants the body of a test to fail with an explanation that has all these parts.
func fails(t *testing.T, script, body string, parts ...string) {
	t.Helper()
	all := runText(t, script, "it('fails', function()\n"+body+"\nend)")
	if len(all) != 1 || all[0].State != Failed {
		t.Errorf("%s: it does not fail", body)
		return
	}
	text := all[0].Explanation()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: %q is missing in\n%s", body, part, text)
		}
	}
}
