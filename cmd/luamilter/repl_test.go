package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// typedIn puts a text where luamilter reads what is typed.
func typedIn(t *testing.T, text string) {
	t.Helper()
	in, err := os.Open(write(t, "typed", text))
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdin
	os.Stdin = in
	t.Cleanup(func() {
		os.Stdin = before
		in.Close()
	})
}

func TestReplExitCodes(t *testing.T) {
	refuses := write(t, "filter.lua", "function mail(conn)\n  return reject('5.7.1', 'not you')\nend\n")
	message := write(t, "one.eml", "From: a@example.org\nSubject: hello there\n\ntext\n")
	for _, c := range []struct {
		name, typed    string
		args           []string
		code           int
		stdout, stderr string // parts of it
	}{
		{"a value", "1 + 1\n", nil, 0, "2\n", ""},
		{"a message", `msg:header("Subject")`, []string{"--eml", message}, 0, "\"hello there\"\n", ""},
		{"an error", "error('no')\n1\n", nil, 1, "error: input 1:1: no", ""},
		{"no such message", "", []string{"--eml", "none.eml"}, 1, "", "--eml: open none.eml"},
		{"no such script", "", []string{"none.lua"}, 1, "", "none.lua"},
		{"a script that refuses", "1\n", []string{refuses}, 1, "", "stopped the message at mail: reject 550 not you"},
	} {
		typedIn(t, c.typed)
		var stdout, stderr strings.Builder
		code := realMain(append([]string{"repl"}, c.args...), &stdout, &stderr)
		if code != c.code || !strings.Contains(stdout.String(), c.stdout) || !strings.Contains(stderr.String(), c.stderr) || c.stderr == "" && stderr.String() != "" {
			t.Errorf("%s: exit code %d\n%s%s", c.name, code, stdout.String(), stderr.String())
		}
	}
}

func TestReplayHTML(t *testing.T) {
	mail, script, dir := stored(t, 3), write(t, "filter.lua", replayScript), t.TempDir()
	page := filepath.Join(dir, "report.html")
	var stdout, stderr strings.Builder
	if code := realMain([]string{"replay", "-s", script, "--html", page, mail}, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "played 3 messages") {
		t.Fatalf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
	text, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(text), `"subject":"number 2"`) || !strings.HasSuffix(string(text), "</html>\n") {
		t.Errorf("%v, %d bytes", err, len(text))
	}
	if info, err := os.Stat(page); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read it", err, info)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no such folder", []string{"-s", script, "--html", filepath.Join(dir, "none", "r.html"), mail}, "--html: "},
		{"a folder", []string{"-s", script, "--html", dir, mail}, "--html: "},
	} {
		stderr.Reset()
		if code := realMain(append([]string{"replay"}, c.args...), &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%s: exit code %d, %s", c.name, code, stderr.String())
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// Lines ask nobody, unless they are to.
func TestReplLookups(t *testing.T) {
	dir, asked := askingMail(t, asks)
	config := filepath.Join(dir, "luamilter.toml")
	for _, c := range []struct {
		name, typed string
		args        []string
		stdout      string
		asked       int64
	}{
		{"nothing is asked", ":lookups\n", nil, "nothing is asked\n", 0},
		{"a line", "select(2, require('dns').a('example.com'))\n:lookups\n", nil, "\"not asked in the repl\"\ndns A example.com: not asked in the repl\n", 0},
		{"a script before it", "msg:header('X-Known')\n:lookups\n", []string{"-c", config, filepath.Join(dir, "asks.lua")}, ": not asked in the repl\n", 0},
		{"live", "msg:header('X-Answer')\n:lookups\n", []string{"--live", "-c", config, filepath.Join(dir, "asks.lua")}, "\"GET of 1\"\nhttp GET http://127.0.0.1", 1},
	} {
		asked.Store(0)
		typedIn(t, c.typed)
		var stdout, stderr strings.Builder
		code := realMain(append([]string{"repl"}, c.args...), &stdout, &stderr)
		if code != 0 || !strings.Contains(stdout.String(), c.stdout) || asked.Load() != c.asked {
			t.Errorf("%s: exit code %d, asked %d times\n%s%s", c.name, code, asked.Load(), stdout.String(), stderr.String())
		}
	}
}
