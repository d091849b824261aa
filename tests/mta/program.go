package mta

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Program starts a program that serves until the test ends, or until the function that it returns is called, and waits until it is ready.
// Its log is a file in a directory of its own, which is its working directory.
func Program(t testing.TB, cmd *exec.Cmd, ready func() bool) (stop func()) {
	t.Helper()
	if cmd.Dir == "" {
		cmd.Dir = Dir(t)
	}
	path := filepath.Join(cmd.Dir, "log")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	stop = func() {
		p.terminate()
		_ = p.wait(20 * time.Second) // how it ends is its own affair
		stopWithin(cmd.Dir)
	}
	t.Cleanup(stop)
	if !eventually(patience, func() bool { return ready() || !p.running() }) || !p.running() {
		text, _ := os.ReadFile(path)
		t.Fatalf("%s does not get ready:\n%s", cmd.Path, tail(string(text), 60))
	}
	return stop
}

// FreeAddr returns a host:port on loopback where nobody listens.
func FreeAddr(t testing.TB) string {
	t.Helper()
	return loopback(t)
}
