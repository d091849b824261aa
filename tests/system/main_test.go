//go:build linux

// Package system sees as root, from outside, what package system promises: what a process cannot do any more, and what it still can.
package system

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// envRole names the part that the test binary plays when a test starts it again.
const envRole = "LUAMILTER_TEST_ROLE"

// threads is how many system threads a process has before it gives something up, and that must lose it too.
const threads = 8

// report is what a process could do: for each thing "ok", or the error.
type report map[string]string

// TestMain plays a part, or runs the tests.
func TestMain(m *testing.M) {
	role := os.Getenv(envRole)
	if role == "" {
		os.Exit(mta.Main(m))
	}
	time.AfterFunc(time.Minute, func() { os.Exit(3) }) // whatever goes wrong, nothing stays behind
	r := report{}
	switch role {
	case "drop":
		playDrop(r)
	case "restrict":
		playRestrict(r)
	case "layers":
		playLayers(r)
	case "hand over":
		playHandover(r)
	case "nothing":
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// note enters a result.
func (r report) note(what string, err error) {
	if err != nil {
		r[what] = err.Error()
		return
	}
	r[what] = "ok"
}

// play has a program play a role and returns its report.
func play(t *testing.T, program, role string, env ...string) report {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = append(append(os.Environ(), envRole+"="+role, "GORACE=atexit_sleep_ms=10"), env...)
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var r report
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", role, err, out)
	}
	return r
}

// inThreads runs a function in system threads that exist before something is given up, and again in each afterwards: prepare begins,
// and the returned function gives the results.
func inThreads(look func() string) (after func() map[string]int) {
	begin, results := make(chan bool), make(chan string)
	started := make(chan bool)
	for range threads {
		go func() {
			runtime.LockOSThread()
			started <- true
			<-begin
			results <- look()
			// The thread ends with the goroutine; there is no need for it any more.
		}()
	}
	for range threads {
		<-started
	}
	return func() map[string]int {
		close(begin)
		count := map[string]int{}
		for range threads {
			count[<-results]++
		}
		return count
	}
}

// static builds this test binary without cgo, as luamilter itself is built: threads are reached in another way then.
func static(t *testing.T) string {
	t.Helper()
	path := filepath.Join(mta.Dir(t), "static.test")
	build := exec.Command("go", "test", "-c", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", path, err, out)
	}
	return path
}

// TestGivingUp sees what a process cannot do any more, for this test binary as it is built and for a static one.
func TestGivingUp(t *testing.T) {
	mta.NeedRoot(t, "only root can become another user")
	program := static(t)
	for _, variant := range []struct{ name, binary string }{{"as the test", os.Args[0]}, {"static", program}} {
		t.Run(variant.name, func(t *testing.T) {
			t.Run("drop", func(t *testing.T) { testDrop(t, variant.binary) })
			t.Run("restrict", func(t *testing.T) { testRestrict(t, variant.binary, program) })
			t.Run("layers", func(t *testing.T) { testLayers(t, variant.binary) })
		})
	}
	t.Run("hand over", func(t *testing.T) { testHandover(t, program) })
}

// compare fails for each result that is not as wanted.
func compare(t *testing.T, got, want report) {
	t.Helper()
	for what := range got {
		if _, found := want[what]; !found {
			t.Errorf("%s: got %q, which nobody expects", what, got[what])
		}
	}
	for what, text := range want {
		if got[what] != text {
			t.Errorf("%s: got %q, want %q", what, got[what], text)
		}
	}
}

// all is the count of a result that all threads have.
func all(result string) string { return fmt.Sprint(map[string]int{result: threads}) }
