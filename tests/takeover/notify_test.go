//go:build linux

package takeover

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luamilter/tests/mta"
)

// supervisor is what the daemon takes for systemd: a socket for messages.
type supervisor struct {
	path string
	said chan message
}

// message is what a process told the supervisor.
type message struct {
	pid  int // as the kernel knows it
	text string
}

// newSupervisor listens. With each READY=1 it sees at once whether the filter at a socket answers.
func newSupervisor(t *testing.T, network, address string) *supervisor {
	t.Helper()
	s := &supervisor{filepath.Join(mta.Dir(t), "notify"), make(chan message, 1000)}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var passed error
	err = raw.Control(func(fd uintptr) { passed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1) })
	if err != nil || passed != nil {
		t.Fatal(err, passed)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			m, err := read(conn)
			if err != nil {
				return
			}
			if m.text == "READY=1" {
				if err := knock(network, address); err != nil {
					t.Errorf("process %d says that it is ready: %v", m.pid, err)
				}
			}
			s.said <- m
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return s
}

// read reads a message.
func read(conn *net.UnixConn) (message, error) {
	text, control := make([]byte, 4096), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	n, c, _, _, err := conn.ReadMsgUnix(text, control)
	if err != nil {
		return message{}, err
	}
	parts, err := unix.ParseSocketControlMessage(control[:c])
	if err != nil || len(parts) != 1 {
		return message{}, fmt.Errorf("%d control messages: %w", len(parts), err)
	}
	who, err := unix.ParseUnixCredentials(&parts[0])
	if err != nil {
		return message{}, err
	}
	return message{int(who.Pid), string(text[:n])}, nil
}

// next returns the next message that is no mere sign of life, which must be of a process; pid 0 stands for any.
func (s *supervisor) next(t *testing.T, pid int) message {
	t.Helper()
	for range 1000 {
		if m := s.any(t, pid); m.text != "WATCHDOG=1" {
			return m
		}
	}
	t.Fatal("there is no end to signs of life")
	return message{}
}

// any returns the next message.
func (s *supervisor) any(t *testing.T, pid int) message {
	t.Helper()
	select {
	case m := <-s.said:
		if pid != 0 && m.pid != pid {
			t.Errorf("process %d says %q; only %d should say something", m.pid, m.text, pid)
		}
		return m
	case <-time.After(patience):
		t.Fatalf("nothing was said for %v", patience)
	}
	return message{}
}

// reloads checks what is said of a reload: a beginning, at a time that is now on the clock that systemd compares with, and an end.
func (s *supervisor) reloads(t *testing.T, d *mta.Process) {
	t.Helper()
	before := monotonic(t)
	d.Signal(t, syscall.SIGHUP)
	begin := s.next(t, d.Pid())
	var at int64
	if n, err := fmt.Sscanf(begin.text, "RELOADING=1\nMONOTONIC_USEC=%d", &at); n != 1 || err != nil {
		t.Errorf("at SIGHUP it says %q", begin.text)
	}
	if after := monotonic(t); at < before || at > after {
		t.Errorf("the reload began at %d, want a time between %d and %d", at, before, after)
	}
	if end := s.next(t, d.Pid()); end.text != "READY=1" {
		t.Errorf("after the reload it says %q", end.text)
	}
}

// beats checks that signs of life come.
func (s *supervisor) beats(t *testing.T, pid int) {
	t.Helper()
	for range 3 {
		if m := s.any(t, pid); m.text != "WATCHDOG=1" {
			t.Errorf("it says %q, want signs of life", m.text)
		}
	}
}

// monotonic is the time in microseconds on CLOCK_MONOTONIC.
func monotonic(t *testing.T) int64 {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	return now.Nano() / 1000
}

// TestNotify is systemd for a life of the daemon: it hears what a service of Type=notify with WatchdogSec= has to say, in this order
// and from the right process. With NotifyAccess=main, systemd believes only the main process; so nobody else may speak.
func TestNotify(t *testing.T) {
	mta.Adopt(t)
	spec := mta.UnixSpec(t)
	f := newFilter(t, spec, "one")
	s := newSupervisor(t, "unix", strings.TrimPrefix(spec, "unix:"))
	run := f.run()
	run.Env = []string{"NOTIFY_SOCKET=" + s.path, "WATCHDOG_USEC=100000"}
	run.Before = "export WATCHDOG_PID=$$;" // the process stays the same
	d := mta.Daemon(t, run)

	if m := s.any(t, d.Pid()); m.text != "READY=1" {
		t.Errorf("first it says %q", m.text)
	}
	s.beats(t, d.Pid())
	s.reloads(t, d)
	f.write(t, broken)
	s.reloads(t, d) // or systemctl reload would wait
	s.beats(t, d.Pid())

	d.Signal(t, syscall.SIGUSR2) // the successor fails: nothing is said of it
	d.WaitLine(t, "the new process did not get ready")
	f.write(t, marker("two"))
	s.reloads(t, d)

	open, err := net.Dial("unix", strings.TrimPrefix(spec, "unix:")) // keeps the old process
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	for end := time.Now().Add(patience); status(t, f).Connections == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	d.Signal(t, syscall.SIGUSR2)
	told := s.next(t, d.Pid())
	successor := d.Successor(t)
	if want := fmt.Sprintf("MAINPID=%d\nWATCHDOG=1", successor.Pid()); told.text != want {
		t.Errorf("at SIGUSR2 it says %q, want %q", told.text, want)
	}
	s.beats(t, successor.Pid()) // while the old one is there, but unheard
	s.reloads(t, successor)
	if !d.Running() {
		t.Error("the old process has not waited for its session")
	}
	open.Close()
	d.Ended(t)
	s.beats(t, successor.Pid())
	successor.Terminate()
	if m := s.next(t, successor.Pid()); m.text != "STOPPING=1" {
		t.Errorf("at SIGTERM it says %q", m.text)
	}
	successor.Ended(t)
	for range len(s.said) {
		if m := s.any(t, successor.Pid()); m.text != "WATCHDOG=1" {
			t.Errorf("after STOPPING=1 it says %q", m.text)
		}
	}
}

// TestNotifyOfFailure has a start fail: systemd must not hear that the service is ready.
func TestNotifyOfFailure(t *testing.T) {
	spec := mta.UnixSpec(t)
	f := newFilter(t, spec, "one")
	f.write(t, broken)
	s := newSupervisor(t, "unix", strings.TrimPrefix(spec, "unix:"))
	cmd := exec.Command(mta.Luamilter(t), "run", "-c", f.config)
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+s.path)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "filter.lua:1") {
		t.Errorf("%v: %s", err, out)
	}
	// What it had said would be there by now.
	conn, err := net.Dial("unixgram", s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("the last word")); err != nil {
		t.Fatal(err)
	}
	if m := s.next(t, os.Getpid()); m.text != "the last word" {
		t.Errorf("it says %q", m.text)
	}
}
