//go:build linux

package system

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"luamilter/tests/mta"
)

// TestUnits has systemd look for mistakes in the units, and measure how exposed the service is: not more than the documentation says.
func TestUnits(t *testing.T) {
	analyze := mta.NeedProgram(t, "systemd-analyze")
	dir := mta.Dir(t)
	for _, name := range []string{"luamilter.service", "luamilter.socket"} {
		unit, err := os.ReadFile(filepath.Join("../../deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		// What is started must exist.
		unit = bytes.ReplaceAll(unit, []byte("/usr/bin/luamilter "), []byte(mta.Luamilter(t)+" "))
		if err := os.WriteFile(filepath.Join(dir, name), unit, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	service, socket := filepath.Join(dir, "luamilter.service"), filepath.Join(dir, "luamilter.socket")
	t.Run("verify", func(t *testing.T) {
		out, err := exec.Command(analyze, "verify", "--man=no", service, socket).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("security", func(t *testing.T) {
		// The threshold is ten times the figure.
		out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "--threshold="+documented(t), service).CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// documented returns ten times the exposure that docs/operation.md names.
func documented(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operation.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`exposure level of ([0-9])\.([0-9])`).FindSubmatch(text)
	if found == nil {
		t.Fatal("docs/operation.md names no exposure level")
	}
	level, err := strconv.Atoi(string(found[1]) + string(found[2]))
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(level)
}
