// Package miltertest drives the daemon with miltertest, the milter client of the OpenDKIM project: a peer that knows nothing of our
// own idea of the protocol. Each NAME.lua is a filter, and NAME_mt.lua beside it the conversation that miltertest has with it; luamilter
// miltertest, which takes the place of miltertest, has the same ones.
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
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"luamilter/tests/mta"
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

// client is a program that runs conversations.
type client struct {
	name    string
	command []string
}

// clients returns miltertest, and luamilter in its place.
func clients(t *testing.T, luamilter string) []client {
	t.Helper()
	return []client{
		{"miltertest", []string{mta.NeedProgram(t, "miltertest")}},
		{"luamilter", []string{luamilter, "miltertest"}},
	}
}

// run runs a conversation and returns what it wrote, and its exit code.
func (c client) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.command[0], append(c.command[1:], args...)...)
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errors.String(), cmd.ProcessState.ExitCode()
}

// TestConversations has both clients talk to the same filters. What they say and hear is the same, packet by packet.
func TestConversations(t *testing.T) {
	luamilter := mta.Static(t)
	both := clients(t, luamilter)
	conversations, err := filepath.Glob("*_mt.lua")
	if err != nil || len(conversations) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, conversation := range conversations {
		name := strings.TrimSuffix(conversation, "_mt.lua")
		said := map[string]string{}
		for _, c := range both {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				d := start(t, luamilter, name+".lua")
				stdout, stderr, code := c.run(t, "-vv", "-D", "socket=unix:"+d.socket, "-s", conversation)
				if code != 0 {
					t.Errorf("%s: exit code %d\n%s%s", conversation, code, stdout, stderr)
				}
				said[c.name] = alike(stdout, d.socket)
				d.stop(t)
				d.check(t, logged[name])
			})
		}
		if name != "random" { // which sends something else each time
			compare(t, name, said["miltertest"], said["luamilter"])
		}
	}
}

// alike takes away what differs from run to run.
func alike(stdout, socket string) string {
	text := strings.ReplaceAll(stdout, socket, "SOCKET")
	text = regexp.MustCompile(`(fd |_(?:read|write)\()\d+`).ReplaceAllString(text, "${1}N")
	return regexp.MustCompile(`(process )\d+`).ReplaceAllString(text, "${1}N")
}

// compare shows the first line that differs.
func compare(t *testing.T, name, theirs, ours string) {
	t.Helper()
	a, b := strings.Split(theirs, "\n"), strings.Split(ours, "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			t.Fatalf("%s: line %d: only luamilter writes %q", name, i+1, b[i])
		case i >= len(b):
			t.Fatalf("%s: line %d: only miltertest writes %q", name, i+1, a[i])
		case a[i] != b[i]:
			t.Fatalf("%s: line %d: miltertest writes %q, luamilter %q", name, i+1, a[i], b[i])
		}
	}
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
	for range 6000 {
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
	case <-time.After(time.Minute):
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
