// Package miltertest drives the daemon with miltertest, the milter client of the OpenDKIM project: a peer that knows nothing of our
// own idea of the protocol. Each NAME.lua is a filter, and NAME_mt.lua beside it the conversation that miltertest has with it.
package miltertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// logged has, by conversation, what the daemon has to say about it: a part of each line that is a warning or worse.
var logged = map[string][]string{
	"errors": {
		"data returns a string", // found before anything runs
		"errors.lua:6: boom at rcpt",
		"errors.lua:11: add_header: the value of X-Missing is nil",
		"errors.lua:14: data returned ",
		"errors.lua:21: boom at header",
	},
}

func TestConversations(t *testing.T) {
	program, err := exec.LookPath("miltertest")
	if err != nil {
		if os.Getenv("LUAMILTER_TESTS_COMPLETE") == "1" {
			t.Fatal("miltertest is not installed: run tests/install.sh as root")
		}
		t.Skip("miltertest is not installed: run tests/install.sh as root")
	}
	daemon := build(t)
	conversations, err := filepath.Glob("*_mt.lua")
	if err != nil || len(conversations) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, conversation := range conversations {
		name := strings.TrimSuffix(conversation, "_mt.lua")
		t.Run(name, func(t *testing.T) {
			d := start(t, daemon, name+".lua")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			out, err := exec.CommandContext(ctx, program, "-D", "socket=unix:"+d.socket, "-s", conversation).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s", conversation, err, out)
			}
			d.stop(t)
			d.check(t, logged[name])
		})
	}
}

// build makes the daemon.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "luamilter")
	cmd := exec.Command("go", "build", "-o", path, "luamilter/cmd/luamilter")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// daemon is a running luamilter.
type daemon struct {
	cmd    *exec.Cmd
	socket string
	log    bytes.Buffer // complete once the daemon has ended
	ended  chan error
}

// start runs the daemon with a script until it can be reached.
func start(t *testing.T, program, script string) *daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "mt") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &daemon{socket: filepath.Join(dir, "s"), ended: make(chan error, 1)}
	d.cmd = exec.Command(program, "run", "--listen", "unix:"+d.socket, "--log-format", "json", script)
	d.cmd.Stderr = &d.log
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.ended <- d.cmd.Wait() }()
	t.Cleanup(func() { d.stop(t) })
	for range 500 {
		c, err := net.Dial("unix", d.socket)
		if err == nil {
			_ = c.Close()
			return d
		}
		select {
		case err := <-d.ended:
			d.ended <- err
			t.Fatalf("the daemon ended: %v\n%s", err, d.log.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("the daemon does not listen")
	return nil
}

// stop ends the daemon as a service manager does. A second time it does nothing.
func (d *daemon) stop(t *testing.T) {
	t.Helper()
	if d.cmd.ProcessState != nil {
		return
	}
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-d.ended:
		if err != nil {
			t.Errorf("the daemon ended: %v", err)
		}
	case <-time.After(10 * time.Second):
		_ = d.cmd.Process.Kill()
		<-d.ended
		t.Error("the daemon did not end")
	}
}

// check compares the warnings and errors in the log with what is expected.
func (d *daemon) check(t *testing.T, want []string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(d.log.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("logged %q: %v", line, err)
			continue
		}
		if level := l["level"]; level != "info" && level != "debug" {
			got = append(got, fmt.Sprintf("%v", l["message"]))
		}
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			t.Errorf("also logged: %s", got[i])
		case i >= len(got):
			t.Errorf("not logged: %s", want[i])
		case !strings.Contains(got[i], want[i]):
			t.Errorf("logged: %s\nwant: %s", got[i], want[i])
		}
	}
}
