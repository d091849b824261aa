//go:build linux

package system

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// envRole names the part that the test binary plays when a test starts it again.
const envRole = "LUAMILTER_TEST_ROLE"

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// TestMain plays a part, or runs the tests.
func TestMain(m *testing.M) {
	role := os.Getenv(envRole)
	if role == "" {
		os.Exit(m.Run())
	}
	// Whatever goes wrong, nothing stays behind.
	time.AfterFunc(2*patience, func() { os.Exit(3) })
	if err := play(role); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func play(role string) error {
	switch role {
	case "inherit":
		return playInherit()
	case "serve":
		return playServe()
	case "exit":
		os.Exit(7)
	case "give up": // and say why
		inherited, err := Inherited()
		if err == nil {
			err = inherited.Close()
		}
		if err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
		os.Exit(7)
	case "sleep": // never ready
		time.Sleep(2 * patience)
	}
	return fmt.Errorf("there is no role %q", role)
}

// again returns a command that runs the test binary in a role.
func again(role string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), envRole+"="+role, "GORACE=atexit_sleep_ms=10"), env...)
	return cmd
}

// lines starts a command and returns what it, and everything it starts, writes line by line. The channel is closed when all of them have
// ended.
func lines(t *testing.T, cmd *exec.Cmd) <-chan string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // if it still runs
		_ = cmd.Wait()
		read.Close()
	})
	said := make(chan string, 1000)
	go func() {
		defer close(said)
		for scanner := bufio.NewScanner(read); scanner.Scan(); {
			said <- scanner.Text()
		}
	}()
	return said
}

// next returns the next line, "" at the end.
func next(t *testing.T, said <-chan string) string {
	t.Helper()
	select {
	case line := <-said:
		return line
	case <-time.After(patience):
		t.Fatal("it says nothing more")
	}
	return ""
}

// mustSay fails unless an error has all the parts, in one line.
func mustSay(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q has several lines", err)
	}
}
