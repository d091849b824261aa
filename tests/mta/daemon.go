package mta

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Run says how luamilter is started.
type Run struct {
	Listen  string     // spec of the socket; may be empty if Args name a configuration that has it
	Scripts []string   // texts of scripts, written to files script1.lua, script2.lua, ...
	Args    []string   // further arguments
	Space   int64      // bytes of address space that the daemon gets (ulimit -v), and no race detector, which needs more; 0 for no limit
	Program string     // path of the binary; Luamilter's if empty
	Env     []string   // further environment variables
	Sockets []*os.File // listening sockets, which the daemon gets as from systemd; the caller's stay open
	Before  string     // shell commands that the process runs before it becomes luamilter, such as: export WATCHDOG_PID=$$;
}

// Process is a running luamilter daemon.
type Process struct {
	Dir string // where the scripts are

	process    *process // nil for a successor, which the test has not started itself
	pid        int
	generation int  // 0, or how many predecessors it has
	log        *log // of all generations
	successor  *Process
	terminate  sync.Once
	end        sync.Once
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
	d := &Process{Dir: Dir(t)}
	d.log = &log{filepath.Join(d.Dir, "log")}
	cmd := r.command(t, d.Dir)
	// A file and no pipe, whose end a successor would put off.
	out, err := os.OpenFile(d.log.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	d.process, d.pid = p, p.cmd.Process.Pid
	t.Cleanup(func() {
		for p := d; p != nil; p = p.next() {
			p.Stop(t)
		}
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

// command is what starts the daemon in a directory.
func (r Run) command(t testing.TB, dir string) *exec.Cmd {
	t.Helper()
	args := []string{"run"}
	if r.Listen != "" {
		args = append(args, "--listen", r.Listen)
	}
	args = append(args, r.Args...)
	for i, text := range r.Scripts {
		path := filepath.Join(dir, fmt.Sprintf("script%d.lua", i+1))
		write(t, text, path)
		args = append(args, path)
	}

	program, before := r.Program, r.Before
	switch {
	case r.Space > 0:
		program = Static(t)
		before += fmt.Sprintf("ulimit -v %d && ", r.Space>>10)
	case program == "":
		program = Luamilter(t)
	}
	if len(r.Sockets) > 0 {
		before += fmt.Sprintf("export LISTEN_PID=$$ LISTEN_FDS=%d; ", len(r.Sockets))
	}
	if before != "" {
		args = append([]string{"-c", before + `exec "$0" "$@"`, program}, args...)
		program = "/bin/sh"
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.ExtraFiles = r.Sockets
	cmd.Env = append(os.Environ(), r.Env...)
	return cmd
}

// Pid returns the daemon's process id.
func (d *Process) Pid() int { return d.pid }

// Terminate sends the daemon SIGTERM, once: it lets open sessions end, then it ends. Whether it had ended by itself, Ended finds out.
func (d *Process) Terminate() { d.terminate.Do(func() { _ = d.send(syscall.SIGTERM) }) }

// Stop terminates the daemon, waits for its end, and checks how it ended. Calling it again does nothing.
func (d *Process) Stop(t testing.TB) {
	t.Helper()
	d.Terminate()
	d.Ended(t)
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

// Main runs the tests of a package that uses this one, and removes what they had built. Call it from TestMain. Programs with the race detector, which
// sleep for a second before they exit, do not sleep.
func Main(m *testing.M) int {
	if os.Getenv("GORACE") == "" {
		if err := os.Setenv("GORACE", "atexit_sleep_ms=10"); err != nil {
			panic(err) // the name is a good one
		}
	}
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

// Static returns the path of the program as it is released, static and without the race detector, in a directory that every user may enter: the one
// that the environment variable LUAMILTER_TESTS_STATIC names, or one that is built.
func Static(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LUAMILTER_TESTS_STATIC"); path != "" {
		return path
	}
	path := filepath.Join(Dir(t), "luamilter")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "luamilter/cmd/luamilter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	run(t, build)
	return path
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// log is the file that a daemon and its successors write to.
type log struct{ path string }

// String returns everything written so far.
func (l *log) String() string {
	text, err := os.ReadFile(l.path)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
