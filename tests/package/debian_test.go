package deployment

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// debian is a Debian of the test's own.
type debian struct{ root string }

// command prepares a program of that Debian, as chroot starts it with the given options.
func (d debian) command(options []string, program string, args ...string) *exec.Cmd {
	cmd := exec.Command("chroot", slices.Concat(options, []string{d.root, program}, args)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive"}
	return cmd
}

// run runs a program to its end and returns what it writes; any failure ends the test.
func (d debian) run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := d.command(nil, program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// install installs a package; of a changed configuration file the administrator's is kept, as an unattended upgrade does.
func (d debian) install(t *testing.T, path string) {
	t.Helper()
	const inside = "/tmp/luamilter.deb"
	if err := os.WriteFile(filepath.Join(d.root, inside), read(t, path), 0o644); err != nil {
		t.Fatal(err)
	}
	d.run(t, "dpkg", "--force-confdef", "--force-confold", "--install", inside)
}

// daemon starts a daemon as a user of that Debian, and returns when it is ready. stop ends it; its exit code must be 0.
func (d debian) daemon(t *testing.T, user, verb string, args ...string) (stop func()) {
	t.Helper()
	cmd := d.command([]string{"--userspec=" + user + ":" + user}, "luamilter", append([]string{verb}, args...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = cmd.Process.Signal(syscall.SIGTERM) // an error means that it has ended, and Wait tells how
		rest, _ := io.ReadAll(stderr)
		if err := cmd.Wait(); err != nil {
			t.Errorf("luamilter %s: %v\n%s", verb, err, rest)
		}
	}
	t.Cleanup(stop)
	var log []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		log = append(log, lines.Text())
		if strings.Contains(lines.Text(), "luamilter is ready") {
			return stop
		}
	}
	t.Fatalf("luamilter %s ended before it was ready:\n%s", verb, strings.Join(log, "\n"))
	return nil
}

// volatile is what differs after any package has come and gone.
var volatile = []string{
	"/etc/group-", "/etc/gshadow-", "/etc/passwd-", "/etc/shadow-", "/etc/subuid-", "/etc/subgid-", "/etc/.pwd.lock",
	"/tmp", "/var/lib/dpkg", "/var/log",
}

// files returns what is on that Debian: the mode of each file, and its text if it is one of the settings.
func (d debian) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, d.root)
		if slices.Contains(volatile, name) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		all[name] = info.Mode().String()
		if info.Mode().IsRegular() && strings.HasPrefix(name, "/etc/") {
			all[name] += fmt.Sprintf(" %q", read(t, path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
