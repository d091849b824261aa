package main

import (
	"bytes"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// run runs the command line and returns what it wrote.
func run(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = realMain(args, &out, &errs)
	return code, out.String(), errs.String()
}

// write puts a script into a folder of the test's.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExitCodesAndErrors(t *testing.T) {
	broken := write(t, "broken.lua", "function rcpt(conn)\n  if x then\nend\n")
	misspelt := write(t, "misspelt.lua", "function recpt(conn) end\n")
	notFunction := write(t, "number.lua", "rcpt = 5\n")
	good := write(t, "good.lua", "function rcpt(conn) end\n")
	cases := []struct {
		name   string
		args   []string
		code   int
		stderr []string // parts of it; none: nothing may be written
	}{
		{"help", []string{"--help"}, 0, nil},
		{"no arguments show help", nil, 0, nil},
		{"help of a verb", []string{"run", "--help"}, 0, nil},
		{"version", []string{"--version"}, 0, nil},
		{"unknown verb", []string{"rnu"}, 2, []string{`did you mean "run"?`, "--help"}},
		{"unknown flag", []string{"check", "--lisen", "x"}, 2, []string{"--lisen"}},
		{"no script", []string{"run"}, 1, []string{"scripts: there are none: name them on the command line"}},
		{"unknown on-error", []string{"run", "--on-error", "explode", good}, 2, []string{"tempfail"}},
		{"bad socket", []string{"run", "--listen", "tcp:8891", good}, 2, []string{"write inet instead of tcp"}},
		{"script that does not exist", []string{"run", "nowhere.lua"}, 1, []string{"nowhere.lua: no such file"}},
		{"unclosed block", []string{"run", broken}, 1, []string{"broken.lua:", "never closed", "|   if x then", "^"}},
		{"hook that is no function", []string{"run", notFunction}, 1, []string{"number.lua", "rcpt is a number; the hook must be a function"}},
		{"check finds a misspelt hook", []string{"check", misspelt}, 1, []string{"misspelt.lua:1:10: error: recpt is not a hook", "did you mean rcpt?"}},
		{"check goes on after a broken script", []string{"check", broken, good}, 1, []string{"broken.lua:"}},
		{"check of a good script", []string{"check", good}, 0, nil},
		{"two forms of findings", []string{"check", "--json", "--sarif", good}, 2, []string{"--json"}},
		{"check of tests", []string{"check", "../../scripts/headers_test.lua"}, 0, nil},
		{"check of tests that cannot be loaded", []string{"check", write(t, "a_test.lua", "descibe()")}, 1, []string{"a_test.lua:1: ", "did you mean describe?"}},
		{"nobody to probe", []string{"probe", "unix:" + filepath.Join(t.TempDir(), "none")}, 1, []string{"connect to the milter", "the socket is not there: does the milter run"}},
		{"a macro for no stage", []string{"probe", "--macro", "rctp:i=x"}, 2, []string{`there is no stage "rctp"`, "did you mean rcpt?"}},
		{"a macro without a value", []string{"probe", "--macro", "rcpt:i"}, 2, []string{"write STAGE:NAME=VALUE"}},
		{"a version that nobody offers", []string{"probe", "--offer-version", "5"}, 2, []string{"no version 5", "only 2, 3, 4 and 6"}},
		{"a client without an address", []string{"probe", "--ip", "192.0.2"}, 2, []string{"--ip"}},
		{"an MTA that is none", []string{"probe", "--mta", "exim"}, 2, []string{"postfix", "sendmail"}},
		{"nobody to measure", []string{"bench", "-n", "5", "unix:" + filepath.Join(t.TempDir(), "none")}, 1, []string{"connect to the milter"}},
		{"too many connections", []string{"bench", "-c", "100000"}, 2, []string{"-c 100000: from 1 to 50000 work"}},
		{"pieces that are too short", []string{"bench", "-d", "0.01"}, 2, []string{"-d 0.01 with --rounds 5"}},
		{"a plot of another kind", []string{"bench", "--plot", "x.png"}, 2, []string{"only .svg can be drawn"}},
		{"more processes than milters", []string{"bench", "--pid", "1", "--pid", "2"}, 2, []string{"--pid"}},
		{"a variable without a name", []string{"miltertest", "-D", "=x", "-s", good}, 2, []string{"no name before the ="}},
		{"a conversation that is not there", []string{"miltertest", "-s", "nowhere.lua"}, 1, []string{"nowhere.lua: no such file"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := run(c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, part := range c.stderr {
				if !strings.Contains(stderr, part) {
					t.Errorf("stderr lacks %q", part)
				}
			}
			if len(c.stderr) == 0 && stderr != "" {
				t.Error("stderr is not empty")
			}
			if t.Failed() {
				t.Logf("stderr:\n%s", stderr)
			}
		})
	}
}

// TestCheckOfModules compares what check says about a script in several files.
func TestCheckOfModules(t *testing.T) {
	code, stdout, stderr := run("check", "testdata/modules/filter.lua", "testdata/modules/other.lua")
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	got := stdout + "--- stderr\n" + stderr
	compare(t, filepath.Join("testdata", "check_modules.txt"), got)
}

// compare compares a text with a golden file.
func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestCheckExplains compares what check says about the scripts that come with luamilter.
func TestCheckExplains(t *testing.T) {
	const folder = "../../scripts/"
	for _, name := range []string{"rcpt_count", "headers", "block_token", "trace"} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := run("check", folder+name+".lua")
			if code != 0 || stderr != "" {
				t.Errorf("exit code %d, stderr:\n%s", code, stderr)
			}
			compare(t, filepath.Join("testdata", "check_"+name+".txt"), stdout)
		})
	}
}

// TestRunServesAndStops runs the daemon, plays a message to it as run --probe does, and stops it by a signal to this process.
func TestRunServesAndStops(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	var out, errs bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- realMain([]string{"run", "--probe", "--log-format", "text", "--listen", socket, "../../scripts/rcpt_count.lua"}, &out, &errs)
	}()
	waitFor(t, func() bool {
		c, err := net.Dial("unix", socket)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
	// The probe is over when its own connection is: a second one shows the same.
	var second string
	waitFor(t, func() bool {
		code, stdout, _ := run("probe", socket)
		second = stdout
		return code == 0
	})
	if !strings.Contains(second, "add      X-Rcpt-Count: 3") {
		t.Errorf("probe shows:\n%s", second)
	}
	interrupt(t)
	select {
	case code := <-done:
		if code != 0 {
			t.Errorf("exit code %d, stderr:\n%s", code, errs.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("the daemon did not stop")
	}
	if !strings.Contains(out.String(), "add      X-Rcpt-Count: 3") {
		t.Errorf("run --probe shows:\n%s", out.String())
	}
	for _, part := range []string{"luamilter is ready", "stopping", "stopped"} {
		if !strings.Contains(errs.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, errs.String())
		}
	}
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for range 6000 {
		if ready() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it takes too long")
}

// interrupt sends this process the signal that the daemon waits for.
func interrupt(t *testing.T) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}
