package mta

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// Signal sends the daemon a signal.
func (d *Process) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := d.send(signal); err != nil {
		t.Fatalf("send %v to luamilter, process %d: %v", signal, d.pid, err)
	}
}

// Kill ends the daemon at once, by SIGKILL, and waits until it is gone.
func (d *Process) Kill(t testing.TB) {
	t.Helper()
	d.Signal(t, syscall.SIGKILL)
	d.terminate.Do(func() {})
	d.end.Do(func() {
		if err := d.wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("luamilter, process %d, ended with %v before it was killed", d.pid, err)
		}
	})
}

// Ended waits for the daemon's end and checks how it ended.
func (d *Process) Ended(t testing.TB) {
	t.Helper()
	d.end.Do(func() {
		if err := d.wait(); err != nil {
			t.Errorf("luamilter, process %d, ended with %v", d.pid, err)
		}
		for _, bad := range []string{"DATA RACE", "panic:", "internal error"} {
			if strings.Contains(d.log.String(), bad) {
				t.Errorf("log of luamilter has %q:\n%s", bad, d.log)
			}
		}
	})
}

// Running tells whether the daemon, which is no successor, has not ended yet.
func (d *Process) Running() bool { return d.process.running() }

// Log returns what the daemon and its successors have logged so far.
func (d *Process) Log() string { return d.log.String() }

// Successor waits until the daemon, after SIGUSR2, has handed over, and returns the process that serves from then on. How that ends is
// known only to a test process that called Adopt, and when this one has ended.
func (d *Process) Successor(t testing.TB) *Process {
	t.Helper()
	if !eventually(patience, func() bool { return d.next() != nil }) {
		t.Fatalf("luamilter, process %d, has not handed over:\n%s", d.pid, tail(d.log.String(), 30))
	}
	return d.next()
}

// next returns the successor, if the daemon has handed over.
func (d *Process) next() *Process {
	if d.successor != nil {
		return d.successor
	}
	generation := 0
	for line := range strings.Lines(d.log.String()) {
		var l struct {
			Message string
			Pid     int
		}
		if json.Unmarshal([]byte(line), &l) != nil || !strings.HasPrefix(l.Message, "the new process is ready") {
			continue
		}
		if l.Pid <= 1 {
			continue // a signal to -1 would reach every process there is
		}
		if generation == d.generation {
			d.successor = &Process{Dir: d.Dir, pid: l.Pid, generation: d.generation + 1, log: d.log}
			return d.successor
		}
		generation++
	}
	return nil
}

// send sends a signal.
func (d *Process) send(signal syscall.Signal) error {
	if d.process != nil {
		return d.process.cmd.Process.Signal(signal) // never to another process that got the number
	}
	return syscall.Kill(d.pid, signal) // more than 1, see next
}

// wait waits for the end, as process.wait does.
func (d *Process) wait() error {
	if d.process != nil {
		return d.process.wait(patience)
	}
	var status syscall.WaitStatus
	ended := func() bool {
		pid, err := syscall.Wait4(d.pid, &status, syscall.WNOHANG, nil)
		// ECHILD: its parent, the predecessor, is still there, or this test process does not adopt.
		return pid == d.pid || errors.Is(err, syscall.ECHILD) && syscall.Kill(d.pid, 0) != nil
	}
	if !eventually(patience, ended) {
		_ = syscall.Kill(d.pid, syscall.SIGKILL)
		return fmt.Errorf("still running after %v", patience)
	}
	switch {
	case status.Signaled():
		return fmt.Errorf("signal: %v", status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Errorf("exit status %d", status.ExitStatus())
	}
	return nil
}
