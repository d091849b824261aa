package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tested makes a folder with a script and tests of it, and goes there.
func tested(t *testing.T, tests string) {
	t.Helper()
	t.Chdir(t.TempDir())
	put(t, "count.lua", "function rcpt(conn)\n  conn.n = (conn.n or 0) + 1\nend\nfunction eom(conn, msg)\n  msg:add_header('N', conn.n)\nend\n")
	put(t, "count_test.lua", tests)
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	goodTest = "it('counts', function() expect(session():send{}):header('N', 1) end)\n"
	badTest  = "it('fails', function() expect(session():send{}):header('N', 2) end)\n"
)

func TestTestVerb(t *testing.T) {
	for _, c := range []struct {
		name, tests    string
		args           []string
		code           int
		stdout, stderr string // parts of them; "" for nothing at all on stderr
	}{
		{"all pass", goodTest, nil, 0, "1 passed, 0 failed (1 file, ", ""},
		{"one fails", goodTest + badTest, nil, 1, "FAILED fails\ncount_test.lua:2: the field has another value\n    2 | it('fails'", ""},
		{"a file by its name", goodTest, []string{"count_test.lua"}, 0, "1 passed", ""},
		{"only some", goodTest + badTest, []string{"--run", "^counts$"}, 0, "1 passed, 0 failed", ""},
		{"none of that name", goodTest, []string{"--run", "^nothing"}, 2, "0 passed", "--run ^nothing: no test has such a name"},
		{"no regular expression", goodTest, []string{"--run", "("}, 2, "", "--run: error parsing regexp"},
		{"no jobs", goodTest, []string{"--jobs", "0"}, 2, "", "--jobs is 0; at least 1 is needed"},
		{"no such folder", goodTest, []string{"nowhere"}, 2, "", "look for tests: stat nowhere: no such file"},
		{"no file of tests", goodTest, []string{"count.lua"}, 2, "", "count.lua is no file of tests"},
		{"a broken file", "if", nil, 1, "FAILED count_test.lua: it cannot be loaded\n", ""},
		{"TAP", goodTest + badTest, []string{"--tap"}, 1, "TAP version 13\nok 1 - counts\nnot ok 2 - fails\n", ""},
		{"a table of lines", goodTest, []string{"--cover"}, 0, "count.lua      4     4 100.0%", ""},
		{"a file that cannot be written", goodTest, []string{"--junit", "no/where.xml"}, 1, "1 passed", "--junit: open no/where.xml: no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tested(t, c.tests)
			code, stdout, stderr := run(append([]string{"test"}, c.args...)...)
			if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, want %d\nstdout:\n%sstderr:\n%s", code, c.code, stdout, stderr)
			}
		})
	}
}

func TestTestVerbWritesFiles(t *testing.T) {
	tested(t, goodTest+badTest)
	if code, _, stderr := run("test", "--junit", "r.xml", "--lcov", "c.info"); code != 1 || stderr != "" {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	for file, part := range map[string]string{"r.xml": `<testcase name="fails" classname="count_test.lua" file="count_test.lua" line="2"`, "c.info": "SF:count.lua\nDA:1,"} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("%s: %v\n%s", file, err, text)
		}
	}
}

// waitingWriter tells of every line that says that it waits.
type waitingWriter struct {
	text strings.Builder
	said chan string // what was written before
}

func (w *waitingWriter) Write(p []byte) (int, error) {
	w.text.Write(p)
	if strings.HasPrefix(string(p), "waiting for changes") {
		w.said <- w.text.String()
		w.text.Reset()
	}
	return len(p), nil
}

func TestTestVerbWatches(t *testing.T) {
	tested(t, badTest)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := &waitingWriter{said: make(chan string, 10)}
	done := make(chan error, 1)
	go func() {
		done <- (&testCmd{Paths: []string{"."}, Jobs: 1}).watch(ctx, &terminal{stdout: out, stderr: t.Output()}, nil)
	}()
	next := func(want string) { // a file may be tested before it is written to its end
		t.Helper()
		for text := ""; !strings.Contains(text, want); {
			select {
			case text = <-out.said:
			case <-ctx.Done():
				t.Fatalf("%s was expected; the last was\n%s", want, text)
			}
		}
	}
	next("0 passed, 1 failed")
	put(t, "count_test.lua", goodTest+goodTest)
	next("2 passed, 0 failed")
	if err := os.MkdirAll("more", 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join("more", "x_test.lua"), "it('x', function() end)")
	next("3 passed, 0 failed (2 files")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
