package mta

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Skip ends the test because something it needs is not there: it is skipped, or fails if the environment has
// LUAMILTER_TESTS_COMPLETE=1.
func Skip(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("LUAMILTER_TESTS_COMPLETE") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// absent ends the test because something is not installed.
func absent(t testing.TB, what string) {
	t.Helper()
	Skip(t, what+": run tests/install.sh as root")
}

// NeedRoot ends the test unless it runs as root; why is what only root can do.
func NeedRoot(t testing.TB, why string) {
	t.Helper()
	if os.Getuid() != 0 {
		Skip(t, why)
	}
}

// needRoot ends the test unless it runs as root, as both mail servers must.
func needRoot(t testing.TB) {
	t.Helper()
	NeedRoot(t, "a mail server can be started by root only")
}

// NeedProgram returns the path of a program, which may be in an sbin directory that is not in PATH.
func NeedProgram(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	absent(t, name+" is not installed")
	return ""
}

// NeedCached returns the path of a file below the folder where tests/install.sh unpacks what is not installed, and ends the test if it is missing.
func NeedCached(t testing.TB, name string) string {
	t.Helper()
	cache := os.Getenv("LUAMILTER_TESTS_CACHE")
	if cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(base, "luamilter-tests", "sendmail")
	}
	path := filepath.Join(cache, name)
	if _, err := os.Stat(path); err != nil {
		absent(t, path+" is missing")
	}
	return path
}
