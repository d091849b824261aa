//go:build linux

package system

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/system"
	"luamilter/tests/mta"
)

// playRestrict keeps three folders and a file below DIR, and tries what is in and outside of them.
func playRestrict(r report) {
	dir := os.Getenv("DIR")
	in := func(name string) string { return filepath.Join(dir, name) }
	read := func(path string) error {
		_, err := os.ReadFile(path)
		return err
	}
	list := func(path string) error {
		_, err := os.ReadDir(path)
		return err
	}
	after := inThreads(func() string { return fmt.Sprint(read(in("other/file"))) })
	before, err := os.Open(in("other/file"))
	r.note("open other file before", err)
	enforced, err := system.Restrict(system.MailFilterPaths().With(system.Paths{
		Read:  []string{in("read"), in("single/file")},
		Write: []string{in("write")},
		Run:   []string{in("run")},
	}))
	r.note("restrict", err)
	r["enforced"], _, _ = strings.Cut(enforced, " by ")
	r["threads"] = fmt.Sprint(after())
	_, err = io.ReadAll(before)
	r.note("read what is open", err)

	r.note("read file", read(in("read/file")))
	r.note("read file below", read(in("read/sub/file")))
	r.note("list folder", list(in("read")))
	r.note("write there", os.WriteFile(in("read/new"), nil, 0o600))
	r.note("read single file", read(in("single/file")))
	r.note("write single file", os.WriteFile(in("single/file"), nil, 0))
	r.note("read beside it", read(in("single/beside")))
	r.note("read other file", read(in("other/file")))
	r.note("list other folder", list(in("other")))
	r.note("read by a link", read(in("read/link")))

	r.note("write file", os.WriteFile(in("write/new"), []byte("x"), 0o600))
	r.note("truncate file", os.Truncate(in("write/new"), 0))
	r.note("rename file", os.Rename(in("write/new"), in("write/renamed")))
	r.note("remove file", os.Remove(in("write/renamed")))
	r.note("make folder", os.Mkdir(in("write/folder"), 0o700))
	l, err := net.Listen("unix", in("write/socket"))
	r.note("open socket", err)
	if err == nil {
		r.note("remove socket", l.Close())
	}
	r.note("run what may be run", run(in("run/program")))
	r.note("run another", run(in("read/program")))

	for _, path := range []string{"/etc/hosts", "/etc/nsswitch.conf", "/proc/self/status", "/dev/urandom"} {
		f, err := os.Open(path)
		r.note("read "+path, err)
		f.Close()
	}
	r.note("write /dev/null", os.WriteFile("/dev/null", []byte("x"), 0))
	c, err := net.Dial("unix", in("other/socket"))
	r.note("connect to a socket elsewhere", err)
	if err == nil {
		c.Close()
	}
}

// run runs a copy of this program, which does nothing.
func run(program string) error {
	cmd := exec.Command(program)
	cmd.Env = []string{envRole + "=nothing"}
	return cmd.Run()
}

// playLayers restricts itself as often as a long line of successors would.
func playLayers(r report) {
	for i := range 20 {
		enforced, err := system.Restrict(system.Paths{Read: []string{"/etc", "/proc/self"}})
		if err != nil {
			r[fmt.Sprint(i)] = err.Error()
		}
		r["last"], _, _ = strings.Cut(enforced, ":")
	}
	_, err := os.ReadFile("/etc/hosts")
	r.note("read /etc/hosts", err)
	_, err = os.ReadDir("/usr")
	r.note("list /usr", err)
}

// world makes the files that playRestrict tries: everybody may do everything with them.
func world(t *testing.T, program string) string {
	t.Helper()
	dir := mta.Dir(t)
	for _, name := range []string{"read", "read/sub", "write", "single", "other", "run"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"read/file", "read/sub/file", "single/file", "single/beside", "other/file"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../other/file", filepath.Join(dir, "read/link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"run/program", "read/program"} {
		if err := os.Link(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("unix", filepath.Join(dir, "other/socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return dir
}

// needLandlock ends the test where the kernel restricts nothing.
func needLandlock(t *testing.T, r report) {
	t.Helper()
	if strings.HasPrefix(r["enforced"]+r["last"], "files are not restricted") {
		mta.Skip(t, "this kernel has no Landlock, or it is switched off")
	}
}

func testRestrict(t *testing.T, binary, program string) {
	dir := world(t, program)
	got := play(t, binary, "restrict", "DIR="+dir)
	needLandlock(t, got)
	denied := func(what string) string { return what + ": permission denied" }
	compare(t, got, report{
		"open other file before": "ok", "restrict": "ok", "enforced": "files are restricted",
		"threads": all(denied("open " + dir + "/other/file")), "read what is open": "ok",
		"read file": "ok", "read file below": "ok", "list folder": "ok", "write there": denied("open " + dir + "/read/new"),
		"read single file": "ok", "write single file": denied("open " + dir + "/single/file"), "read beside it": denied("open " + dir + "/single/beside"),
		"read other file": denied("open " + dir + "/other/file"), "list other folder": denied("open " + dir + "/other"),
		"read by a link": denied("open " + dir + "/read/link"),
		"write file":     "ok", "truncate file": "ok", "rename file": "ok", "remove file": "ok", "make folder": "ok", "open socket": "ok", "remove socket": "ok",
		"run what may be run": "ok", "run another": denied("fork/exec " + dir + "/read/program"),
		"read /etc/hosts": "ok", "read /etc/nsswitch.conf": "ok", "read /proc/self/status": "ok", "read /dev/urandom": "ok", "write /dev/null": "ok",
		"connect to a socket elsewhere": "ok",
	})
}

func testLayers(t *testing.T, binary string) {
	got := play(t, binary, "layers")
	needLandlock(t, got)
	compare(t, got, report{"last": "files stay restricted as they were", "read /etc/hosts": "ok", "list /usr": "open /usr: permission denied"})
}

// playHandover gives up what the daemon gives up, twice: as a predecessor, and as its successor.
func playHandover(r report) {
	inherited, err := system.Inherited()
	r.note("inherit", err)
	r.note("drop", system.Drop("nobody", "", true))
	program := os.Args[0]
	_, err = system.Restrict(system.MailFilterPaths().With(system.Paths{Run: []string{filepath.Dir(program)}}))
	r.note("restrict", err)
	if inherited.Successor {
		// Its report goes to the log of the test if there is something wrong; else the line to the predecessor says enough.
		for what, result := range r {
			if result != "ok" {
				fmt.Fprintln(os.Stderr, "successor:", what, result)
				return
			}
		}
		if len(inherited.Sockets) == 1 {
			r.note("ready", inherited.Ready())
		}
		return
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	r.note("listen", err)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = system.StartSuccessor(ctx, []net.Listener{l}, []string{""}, []string{program}, os.Environ())
	r.note("hand over", err)
}

// testHandover sees that a process that has given up everything can still start a successor.
func testHandover(t *testing.T, program string) {
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), envRole+"=hand over")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), `"hand over":"ok"`) {
		t.Errorf("it says:\n%s", out)
	}
}
