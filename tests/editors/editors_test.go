// Package editors uses what luamilter writes for those who write scripts, as they do: luacheck judges all scripts, and what init makes
// checks and runs.
package editors

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// output runs a program in a folder and returns what it writes; a failure ends the test.
func output(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// work makes a folder with init and returns it.
func work(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(mta.Dir(t), "work")
	output(t, ".", mta.Luamilter(t), append([]string{"init", dir}, args...)...)
	return dir
}

// TestLuacheckLikesOurScripts has luacheck look at every script and test that comes with luamilter.
func TestLuacheckLikesOurScripts(t *testing.T) {
	luacheck := mta.NeedProgram(t, "luacheck")
	settings := filepath.Join(work(t), ".luacheckrc")
	output(t, filepath.Join("..", "..", "scripts"), luacheck, "--no-color", "--config", settings, ".")
}

// TestLuacheckFindsMistakes shows that its settings are strict.
func TestLuacheckFindsMistakes(t *testing.T) {
	luacheck := mta.NeedProgram(t, "luacheck")
	dir := work(t)
	output(t, dir, luacheck, ".")
	for _, c := range []struct{ name, text, want string }{
		{"a global by mistake", "function rcpt(conn)\n  count = 1\nend\n", "count"},
		{"a misspelt hook", "function recpt(conn)\nend\n", "recpt"},
		{"what scripts do not have", "function rcpt(conn)\n  io.open(conn.ip)\nend\n", "io"},
		{"a library's missing function", "function rcpt(conn)\n  return string.trim(conn.ip)\nend\n", "'trim'"},
		{"a verdict overwritten", "function rcpt(conn)\n  reject = 5\nend\n", "reject"},
		{"a function of tests", "describe('x', function() end)\n", "describe"},
	} {
		path := filepath.Join(dir, "scripts", "wrong.lua")
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(luacheck, "--no-color", "scripts/wrong.lua")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
}

// TestTypesAreLua has Lua 5.1 itself run them.
func TestTypesAreLua(t *testing.T) {
	lua := mta.NeedProgram(t, "lua5.1")
	types, err := filepath.Glob(filepath.Join(work(t), "types", "*.lua"))
	if err != nil || len(types) < 2 {
		t.Fatalf("%v, %v", types, err)
	}
	for _, path := range types {
		output(t, ".", lua, path)
	}
}

// TestInitRuns starts the daemon with what init wrote, with every template, and plays a message to it. Nothing is wrong then; but a virus scanner
// may be away.
func TestInitRuns(t *testing.T) {
	luamilter := mta.Static(t) // what runs there is no business of the race detector
	for line := range strings.Lines(output(t, ".", luamilter, "new", "--list")) {
		template := strings.Fields(line)[0]
		t.Run(template, func(t *testing.T) {
			config := filepath.Join(work(t, "--template", template), "luamilter.toml")
			output(t, ".", luamilter, "check", "-c", config)
			spec := mta.UnixSpec(t)
			d := mta.Daemon(t, mta.Run{Listen: spec, Args: []string{"-c", config}, Program: luamilter})
			if answers := output(t, ".", luamilter, "probe", spec); !strings.Contains(answers, "eom") {
				t.Errorf("the probe shows:\n%s", answers)
			}
			d.Stop(t)
			for _, l := range d.Lines() {
				switch {
				case template == "virus" && strings.Contains(l.Text, "not scanned"):
				case strings.Contains(l.Text, `"level":"error"`) || strings.Contains(l.Text, `"level":"warn"`):
					t.Errorf("the daemon logs %s", l.Text)
				}
			}
		})
	}
}
