package deployment

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// printed writes what luamilter prints to a file and returns its path.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "luamilter")
	text, err := exec.Command(mta.Luamilter(t), args...).Output()
	if err != nil {
		t.Fatalf("luamilter %v: %v", args, err)
	}
	write(t, path, string(text))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// output runs a program to its end in a folder, and returns what it writes; any failure ends the test.
func output(t *testing.T, dir string, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// lines are command lines, whose last word is being typed, and all that a shell offers for it in the folder of files().
var lines = []struct {
	name  string
	typed string
	want  []string
}{
	{"verbs", "luamilter ", []string{"bench", "check", "config", "docs", "doctor", "init", "log-level", "miltertest", "new", "probe", "reload", "repl", "replay", "run", "status", "test", "trace", "types"}},
	{"a verb that is begun", "luamilter pr", []string{"probe"}},
	{"scripts and folders", "luamilter run ", []string{"a script.lua", "b.lua", "sub"}},
	{"the second script", "luamilter check b.lua ", []string{"a script.lua", "b.lua", "sub"}},
	{"a script after a flag", "luamilter run --on-error reject b", []string{"b.lua"}},
	{"any file as a message", "luamilter probe inet:8891@127.0.0.1 m", []string{"message.eml"}},
	{"flags of a verb", "luamilter probe --", []string{"--auth", "--eml", "--from", "--helo", "--help", "--host", "--ip", "--json", "--macro", "--mta", "--offer-version", "--timeout", "--to"}},
	{"a flag that is begun", "luamilter run --on", []string{"--on-error"}},
	{"values of a flag", "luamilter run --on-error ", []string{"accept", "continue", "reject", "tempfail"}},
	{"a value that is begun", "luamilter run --log-level d", []string{"debug"}},
	{"values of an argument", "luamilter completion ", []string{"bash", "fish", "zsh"}},
	{"a configuration", "luamilter run -c ", []string{"settings.toml", "sub"}},
	{"a value of which nothing is known", "luamilter run --drain ", nil},
	{"nothing after a verb without arguments", "luamilter types ", nil},
	{"a template", "luamilter new x --template fo", []string{"footer"}},
	{"a name of the reference", "luamilter docs ne", []string{"neg"}},
}

// files makes a folder with files of all kinds.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a script.lua", "b.lua", "message.eml", "notes.txt", "settings.toml"} {
		write(t, filepath.Join(dir, name), "")
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestBash asks the function that complete has registered, as bash does when the tabulator is pressed.
func TestBash(t *testing.T) {
	const ask = `set -u
source "$1"; shift
registered=$(complete -p luamilter)
[[ $registered == *'-F _luamilter luamilter' ]] || exit 9
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_luamilter
for reply in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do printf '%s\n' "$reply"; done`
	bash, script, dir := mta.NeedProgram(t, "bash"), printed(t, "completion", "bash"), files(t)
	offered := func(words ...string) []string {
		return sortedLines(output(t, dir, bash, append([]string{"--norc", "-c", ask, "bash", script}, words...)...))
	}
	for _, l := range lines {
		if got := offered(strings.Split(l.typed, " ")...); !slices.Equal(got, l.want) {
			t.Errorf("%s: %q offers %q, want %q", l.name, l.typed, got, l.want)
		}
	}
	// Bash makes three words of --on-error=r.
	if got := offered("luamilter", "run", "--on-error", "=", "r"); !slices.Equal(got, []string{"reject"}) {
		t.Errorf("--on-error=r offers %q", got)
	}
	if got := offered("luamilter", "run", "--on-error", "="); len(got) != 4 {
		t.Errorf("--on-error= offers %q", got)
	}
}

// TestFish asks fish itself; it lists words with what they mean behind a tabulator.
func TestFish(t *testing.T) {
	fish, script, dir := mta.NeedProgram(t, "fish"), printed(t, "completion", "fish"), files(t)
	output(t, dir, fish, "--no-config", "-n", script)
	for _, l := range lines {
		got := sortedLines(output(t, dir, fish, "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, script, l.typed))
		for i := range got {
			got[i], _, _ = strings.Cut(got[i], "\t")
			got[i] = strings.TrimSuffix(strings.ReplaceAll(got[i], `\ `, " "), "/") // some versions escape blanks
		}
		if !slices.Equal(got, l.want) {
			t.Errorf("%s: %q offers %q, want %q", l.name, l.typed, got, l.want)
		}
	}
}

func TestZshReadsTheCompletion(t *testing.T) {
	output(t, "", mta.NeedProgram(t, "zsh"), "-f", "-n", printed(t, "completion", "zsh"))
}

// TestManualIsCleanRoff has every warning of man and of groff fail.
func TestManualIsCleanRoff(t *testing.T) {
	page := printed(t, "man")
	shown := output(t, "", mta.NeedProgram(t, "man"), "--warnings", "-l", page)
	if !strings.Contains(shown, "luamilter - program your mail server in Lua") {
		t.Errorf("man shows:\n%s", shown)
	}
	for _, word := range []string{"warning:", "error:"} {
		if strings.Contains(shown, word) {
			t.Errorf("man warns:\n%s", shown)
		}
	}
	groff := exec.Command(mta.NeedProgram(t, "groff"), "-man", "-Tutf8", "-ww", page)
	var warnings strings.Builder
	groff.Stderr = &warnings
	if err := groff.Run(); err != nil || warnings.Len() > 0 {
		t.Errorf("groff: %v\n%s", err, warnings.String())
	}
}

func sortedLines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		all = append(all, strings.TrimSuffix(line, "\n"))
	}
	slices.Sort(all)
	return all
}
