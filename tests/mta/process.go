package mta

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a program started by a test, in a session of its own.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the program has ended
	err  error         // how it ended; valid after done
}

// start runs a command in the background. The caller must stop it.
func start(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = ownSession()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// running tells whether the program has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// terminate sends SIGTERM.
func (p *process) terminate() {
	// An error means that the program has ended by itself; wait tells how.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
}

// wait waits for the program to end. One that does not gets SIGKILL, and wait returns an error; so it does for any
// exit code but 0.
func (p *process) wait(patience time.Duration) error {
	select {
	case <-p.done:
		return p.err
	case <-time.After(patience):
	}
	_ = p.cmd.Process.Kill()
	<-p.done
	return fmt.Errorf("still running after %v", patience)
}

// stopWithin ends the processes whose working directory lies in dir: what a mail server that has ended left behind, to
// serve a client or to deliver a message. They would go on to write into a directory that is about to be removed.
func stopWithin(dir string) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		gone := func() bool {
			left := within(dir)
			for _, pid := range left {
				_ = syscall.Kill(pid, signal)
			}
			return len(left) == 0
		}
		if eventually(5*time.Second, gone) {
			return
		}
	}
}

// within returns the ids of the processes whose working directory lies in dir.
func within(dir string) []int {
	var pids []int
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(cwd, dir+"/") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// run executes a command to its end and returns its output; any failure ends the test.
func run(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// eventually waits until a condition holds, asking often; false means it did not within the time.
func eventually(within time.Duration, condition func() bool) bool {
	for end := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		if condition() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
