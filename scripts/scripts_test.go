package scripts

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/engine"
	"luamilter/luatest"
)

// TestScripts runs what luamilter test scripts runs. Every line of the scripts must run, and every script must have tests.
func TestScripts(t *testing.T) {
	paths, err := luatest.Find([]string{"."})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	coverage := engine.NewCoverage()
	files := luatest.Run(paths, luatest.Options{Jobs: 2, Coverage: coverage})
	var text bytes.Buffer
	luatest.WriteText(&text, files, time.Since(began))
	luatest.WriteCover(&text, coverage)
	if !luatest.Count(files).OK() {
		t.Errorf("\n%s", text.String())
	}
	scripts, err := filepath.Glob("*.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		if strings.HasSuffix(script, luatest.Suffix) {
			continue
		}
		if test := strings.TrimSuffix(script, ".lua") + luatest.Suffix; !slices.Contains(paths, test) {
			t.Errorf("%s has no tests; write %s", script, test)
		}
		for _, line := range coverage.Lines(script) {
			if line.Times == 0 {
				t.Errorf("%s:%d does not run in any test", script, line.Line)
			}
		}
	}
}
