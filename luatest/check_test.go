package luatest

import (
	"os"
	"strings"
	"testing"
)

// TestCheckOfGoodTests finds nothing in the tests that come with luamilter.
func TestCheckOfGoodTests(t *testing.T) {
	paths, err := Find([]string{"../scripts"})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		found, tests, err := Check(path)
		if err != nil || tests == 0 {
			t.Errorf("%s: %d tests, %v", path, tests, err)
		}
		for _, f := range found {
			t.Error(f.Detail())
		}
	}
}

func TestCheckOfBadTests(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a mistyped function", "it('x', function() sesion() end)", "did you mean session?"},
		{"a function that scripts do not have", "it('x', function() os.execute('ls') end)", "os.execute is not available to scripts"},
	} {
		folder(t, map[string]string{"a_test.lua": c.text})
		found, _, err := Check("a_test.lua")
		if err != nil || len(found) != 1 || !strings.Contains(found[0].Error(), c.want) {
			t.Errorf("%s: %v, %v", c.name, found, err)
		}
	}
	if err := os.WriteFile("a_test.lua", []byte("if"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Check("a_test.lua"); err == nil {
		t.Error("a syntax error is not found")
	}
}
