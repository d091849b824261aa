package mta

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Debian returns the root folder of a minimal Debian of the test's own, in which programs can be run by chroot: no network servers, no
// systemd. tests/install.sh has fetched it. It is removed with the test, which must run as root.
func Debian(t testing.TB) string {
	t.Helper()
	NeedRoot(t, "a Debian of its own can be entered by root only")
	tar := NeedCached(t, "debian.tar")
	root := filepath.Join(Dir(t), "debian")
	run(t, exec.Command("mkdir", root))
	run(t, exec.Command("tar", "-C", root, "-xpf", tar))
	return root
}
