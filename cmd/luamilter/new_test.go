package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi"
	"luamilter/scripts"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNewWritesAScriptAndItsTest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "mine")
	code, stdout, stderr := run("new", path, "--template", "footer")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	for _, part := range []string{path + ".lua\n", path + "_test.lua\n", "luamilter check " + path + ".lua", "luamilter test " + path + "_test.lua"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("%q is missing in\n%s", part, stdout)
		}
	}
	if text := read(t, path+".lua"); !strings.HasPrefix(text, "-- mine.lua: add a footer") {
		t.Errorf("it wrote\n%s", text)
	}
	if code, _, stderr := run("check", path+".lua"); code != 0 || stderr != "" {
		t.Errorf("check: exit code %d, %s", code, stderr)
	}
}

func TestNewNeverOverwrites(t *testing.T) {
	for _, there := range []string{"mine.lua", "mine_test.lua"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, there), []byte("precious"), 0o644); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := run("new", filepath.Join(dir, "mine.lua"))
		if code != 1 || !strings.Contains(stderr, there+" is there already; nothing was written") {
			t.Errorf("%s: exit code %d, %s", there, code, stderr)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || read(t, filepath.Join(dir, there)) != "precious" {
			t.Errorf("%s: there is now %v, %v", there, entries, err)
		}
	}
}

func TestNewRefusesWhatIsNoScript(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"new"}, "luamilter new filter"},
		{[]string{"new", "two words"}, "use letters, digits, _ and -"},
		{[]string{"new", ""}, "luamilter new filter"},
		{[]string{"new", "filter_test"}, "is the name of a test"},
		{[]string{"new", "x", "--template", "fotter"}, `did you mean "footer"?`},
		{[]string{"new", "x", "--template", "frobnicate"}, "there are archive, "},
	} {
		t.Chdir(t.TempDir())
		if code, stdout, stderr := run(c.args...); code != 2 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: exit code %d, %s%s, want %s", c.args, code, stdout, stderr, c.want)
		}
		if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
			t.Errorf("%q wrote %v, %v", c.args, entries, err)
		}
	}
}

func TestTemplatesAreListedAndCompleted(t *testing.T) {
	all, err := scripts.Templates()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	_, stdout, _ := run("new", "--list")
	for _, one := range all {
		names = append(names, one.Name)
		if !strings.Contains(stdout, one.Name+" ") || !strings.Contains(stdout, " "+one.About+"\n") {
			t.Errorf("%s is not in\n%s", one.Name, stdout)
		}
	}
	for _, v := range wordsOf(model(t)) {
		for _, f := range v.Flags {
			if f.Long == "template" && !slices.Equal(f.Value.Words, names) {
				t.Errorf("%s --template offers %v, want %v", v.Name, f.Value.Words, names)
			}
		}
	}
}

func TestInitWritesAFolderThatWorks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	code, stdout, stderr := run("init", dir)
	if code != 0 || stderr != "" || !strings.Contains(stdout, "luamilter check -c "+dir) {
		t.Fatalf("exit code %d, %s%s", code, stdout, stderr)
	}
	if code, _, stderr := run("check", "-c", filepath.Join(dir, "luamilter.toml")); code != 0 || stderr != "" {
		t.Errorf("check: exit code %d, %s", code, stderr)
	}
	var settings map[string]any
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, ".luarc.json"))), &settings); err != nil {
		t.Errorf(".luarc.json: %v", err)
	}
	var types bytes.Buffer
	if err := writeTypes(&types); err != nil {
		t.Fatal(err)
	}
	if read(t, filepath.Join(dir, "types", "luamilter.lua")) != types.String() {
		t.Error("types/luamilter.lua has not what luamilter types prints")
	}
	before := read(t, filepath.Join(dir, "luamilter.toml"))
	code, stdout, stderr = run("init", dir)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "luamilter.toml is there already; nothing was written") {
		t.Errorf("again: exit code %d, %s%s", code, stdout, stderr)
	}
	if read(t, filepath.Join(dir, "luamilter.toml")) != before {
		t.Error("it was overwritten")
	}
}

func TestTypesReplaceOnlyTypes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "luamilter.lua")
	for range 2 {
		if code, _, stderr := run("types", "-o", path); code != 0 || stderr != "" {
			t.Fatalf("exit code %d, %s", code, stderr)
		}
	}
	if _, stdout, _ := run("types"); stdout != read(t, path) {
		t.Error("what is printed differs from what is written")
	}
	for _, name := range luaapi.RequiredModules() {
		if text := read(t, filepath.Join(dir, name+".lua")); !strings.HasPrefix(text, "---@meta "+name+"\n") {
			t.Errorf("%s.lua:\n%s", name, text)
		}
	}
	const own = "-- my own module\n"
	for name, text := range map[string]string{"address.lua": own, "luamilter.lua": "---@meta\n-- old\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, _, stderr := run("types", "-o", path)
	if code != 1 || !strings.Contains(stderr, "address.lua is no file of definitions") || read(t, filepath.Join(dir, "address.lua")) != own || !strings.Contains(read(t, path), "-- old") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestDocsOfNames(t *testing.T) {
	for _, c := range []struct {
		args           []string
		code           int
		stdout, stderr string // parts of them
	}{
		{[]string{"docs", "msg:add_footer", "eom"}, 0, "### `eom(conn, msg)`", ""},
		{[]string{"docs", "msg:add_foter"}, 1, "", `did you mean "msg:add_footer"?`},
		{[]string{"docs", "eom", "frobnicate"}, 1, "### `eom(conn, msg)`", "frobnicate"},
		{[]string{"docs", "--contents"}, 0, "\nstring\n    byte char ", ""},
		{[]string{"docs", "--all"}, 0, "# Reference\n", ""},
		{[]string{"docs"}, 0, "# Reference\n", ""},
		{[]string{"docs", "eom", "--all"}, 2, "", "go without names"},
	} {
		code, stdout, stderr := run(c.args...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || (c.stderr == "") != (stderr == "") {
			t.Errorf("%v: exit code %d, %s, %s", c.args, code, stdout, stderr)
		}
	}
	for _, v := range wordsOf(model(t)) {
		for _, word := range v.Args.Words {
			if v.Name == "docs" {
				if code, _, stderr := run("docs", word); code != 0 {
					t.Errorf("%s is offered: %s", word, stderr)
				}
			}
		}
	}
}

// What must be configured before a script can run is said when it is made, found by check, and refused by run.
func TestNewSaysWhatToConfigure(t *testing.T) {
	dir := t.TempDir()
	script, config := filepath.Join(dir, "scan.lua"), filepath.Join(dir, "luamilter.toml")
	code, stdout, stderr := run("new", script, "--template", "virus")
	for _, part := range []string{`address = "unix:/run/clamav/clamd.ctl" below [clamav]`, "luamilter run --probe -c luamilter.toml"} {
		if code != 0 || !strings.Contains(stdout, part) {
			t.Errorf("exit code %d, %s\n%q is missing in\n%s", code, stderr, part, stdout)
		}
	}
	code, stdout, stderr = run("check", script)
	if want := `scan.lua:3  require "clamav" needs clamav.address in the configuration`; code != 0 || stderr != "" || !strings.Contains(stdout, want) {
		t.Errorf("check without a configuration: exit code %d, %s\n%s\nwithout %s", code, stderr, stdout, want)
	}
	if err := os.WriteFile(config, []byte("listen = [\"unix:/nowhere/milter\"]\nscripts = [\"scan.lua\"]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := `scan.lua:3:16: error: require "clamav" needs clamav.address in the configuration; write address = "unix:/run/clamav/clamd.ctl" below [clamav] in ` + config + " [not-configured]"
	if code, _, stderr := run("check", "-c", config); code != 1 || !strings.Contains(stderr, want) {
		t.Errorf("check: exit code %d\n%s\nnot %s", code, stderr, want)
	}
	if code, stdout, _ := run("check", "--json", "-c", config); code != 1 || !strings.Contains(stdout, `"line":3,"column":16,"severity":"error","name":"not-configured"`) {
		t.Errorf("check --json: exit code %d\n%s", code, stdout)
	}
	want = strings.Replace(want, "in "+config, "in a file that -c names", 1)
	if code, _, stderr := run("run", "--listen", "unix:"+filepath.Join(dir, "milter"), script); code != 1 || !strings.Contains(stderr, want) {
		t.Errorf("run: exit code %d\n%s\nnot %s", code, stderr, want)
	}
}

// The configuration that init writes has what the script needs.
func TestInitConfigures(t *testing.T) {
	for template, want := range map[string]string{
		"virus": "\n# scripts/filter.lua needs this.\n[clamav]\naddress = \"unix:/run/clamav/clamd.ctl\"\n", "webhook": "\n[outbox]\ndir = \"DIR/outbox\"\n", "footer": "",
	} {
		dir := t.TempDir()
		if code, _, stderr := run("init", dir, "--template", template); code != 0 {
			t.Fatalf("%s: exit code %d, %s", template, code, stderr)
		}
		config := filepath.Join(dir, "luamilter.toml")
		text := read(t, config)
		if !strings.HasSuffix(text, strings.ReplaceAll(want, "DIR", dir)) || strings.Contains(text, "needs this") != (want != "") {
			t.Errorf("%s: it wrote\n%s", template, text)
		}
		if code, _, stderr := run("check", "-c", config); code != 0 || stderr != "" {
			t.Errorf("%s: check: exit code %d, %s", template, code, stderr)
		}
	}
}
