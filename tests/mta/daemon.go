package mta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Run says how luamilter is started.
type Run struct {
	Listen  string   // spec of the socket; "" if Args name a configuration that says it
	Scripts []string // texts of scripts, written to files script1.lua, script2.lua, ...
	Args    []string // further arguments
	Space   int64    // bytes of address space that the daemon gets (ulimit -v), and no race detector, which needs more; 0 for no limit
}

// Process is a running luamilter daemon.
type Process struct {
	Dir string // where the scripts are

	process   *process
	log       *log
	terminate sync.Once
	end       sync.Once
}

// Line is a line of the daemon's log.
type Line struct {
	Level   string `json:"level"`
	Message string `json:"message"`
	Text    string `json:"-"` // the line as it is, a JSON object
}

// Daemon starts `luamilter run` and waits until it listens. When the test ends, or at Stop, the daemon
// must end with exit code 0, and its log must not tell of a data race or a panic.
func Daemon(t testing.TB, r Run) *Process {
	t.Helper()
	program := Luamilter(t)
	d := &Process{Dir: Dir(t), log: &log{}}
	var args []string
	if r.Space > 0 {
		args = []string{"-c", fmt.Sprintf(`ulimit -v %d && exec "$0" "$@"`, r.Space>>10), plainLuamilter(t, d.Dir)}
		program = "/bin/sh"
	}
	args = append(args, "run")
	if r.Listen != "" { // else the configuration says it
		args = append(args, "--listen", r.Listen)
	}
	args = append(args, r.Args...)
	for i, text := range r.Scripts {
		path := filepath.Join(d.Dir, fmt.Sprintf("script%d.lua", i+1))
		write(t, text, path)
		args = append(args, path)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = d.Dir
	// The race detector would have the program sleep for a second before it exits.
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=10")
	cmd.Stdout = d.log
	cmd.Stderr = d.log
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	d.process = p
	t.Cleanup(func() {
		d.Stop(t)
		if t.Failed() {
			t.Logf("log of luamilter:\n%s", tail(d.log.String(), 60))
		}
	})
	// Its log tells when it listens; connecting to find out would be an event that the scripts hear of.
	ready := eventually(patience, func() bool {
		return strings.Contains(d.log.String(), "luamilter is ready") || !p.running()
	})
	if !ready || !p.running() {
		t.Fatalf("luamilter does not listen on %s:\n%s", r.Listen, d.log)
	}
	return d
}

// Pid returns the daemon's process id.
func (d *Process) Pid() int { return d.process.cmd.Process.Pid }

// Terminate sends the daemon SIGTERM, once: it lets open sessions end, then it ends.
func (d *Process) Terminate() { d.terminate.Do(d.process.terminate) }

// Stop terminates the daemon, waits for its end, and checks how it ended. Calling it again does nothing.
func (d *Process) Stop(t testing.TB) {
	t.Helper()
	d.Terminate()
	d.end.Do(func() {
		if err := d.process.wait(patience); err != nil {
			t.Errorf("luamilter ended with %v", err)
		}
		for _, bad := range []string{"DATA RACE", "panic:", "internal error"} {
			if strings.Contains(d.log.String(), bad) {
				t.Errorf("log of luamilter has %q:\n%s", bad, d.log)
			}
		}
	})
}

// Lines returns what the daemon has logged so far.
func (d *Process) Lines() []Line {
	var lines []Line
	for text := range strings.Lines(d.log.String()) {
		line := Line{Text: strings.TrimRight(text, "\n")}
		if json.Unmarshal([]byte(text), &line) != nil {
			line.Message = line.Text
		}
		lines = append(lines, line)
	}
	return lines
}

// WaitLine waits until the daemon has logged a line that contains all of the given texts, and returns it.
func (d *Process) WaitLine(t testing.TB, texts ...string) Line {
	t.Helper()
	var found Line
	ok := eventually(patience, func() bool {
		for _, line := range d.Lines() {
			if containsAll(line.Text, texts) {
				found = line
				return true
			}
		}
		return false
	})
	if !ok {
		t.Fatalf("luamilter has not logged a line with %q", texts)
	}
	return found
}

func containsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// built is the luamilter program of this test process, in a directory of its own.
var built struct {
	sync.Once
	dir    string
	output []byte
	err    error
}

// Main runs the tests of a package that uses this one, and removes what they had built. Call it from TestMain.
func Main(m *testing.M) int {
	defer func() {
		if built.dir != "" {
			os.RemoveAll(built.dir)
		}
	}()
	return m.Run()
}

// Luamilter returns the path of the program: the one that the environment variable LUAMILTER_TESTS_BINARY names, or one
// that is built at the first call, with the race detector.
func Luamilter(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LUAMILTER_TESTS_BINARY"); path != "" {
		return path
	}
	built.Do(func() {
		built.dir, built.err = os.MkdirTemp("", "luamilter-build-")
		if built.err != nil {
			return
		}
		build := exec.Command("go", "build", "-race", "-buildvcs=false", "-o", built.dir, "luamilter/cmd/luamilter")
		built.output, built.err = build.CombinedOutput()
	})
	if built.err != nil {
		t.Fatalf("build luamilter: %v\n%s", built.err, built.output)
	}
	return filepath.Join(built.dir, "luamilter")
}

// plainLuamilter builds the program without the race detector.
func plainLuamilter(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "luamilter")
	run(t, exec.Command("go", "build", "-buildvcs=false", "-o", path, "luamilter/cmd/luamilter"))
	return path
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// log collects what a program writes.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns everything written so far.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
