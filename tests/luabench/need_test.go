package main

import (
	"os"
	"os/exec"
	"testing"
)

// needProgram returns the path of a program. Where it is not installed the test is skipped, or fails if the environment has
// LUAMILTER_TESTS_COMPLETE=1.
func needProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("LUAMILTER_TESTS_COMPLETE") == "1" {
		t.Fatalf("%s is not installed: run tests/install.sh as root", name)
	}
	t.Skipf("%s is not installed: run tests/install.sh as root", name)
	return ""
}
