//go:build linux

package system

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"luamilter/system"
	"luamilter/tests/mta"
)

// playDrop becomes the user and tries what only root can.
func playDrop(r report) {
	after := inThreads(func() string {
		_, _, err := syscall.RawSyscall(syscall.SYS_SETRESUID, 0, 0, 0)
		return fmt.Sprintf("uid %d, setuid: %v", unix.Getuid(), err)
	})
	r.note("drop", system.Drop(os.Getenv("DROP_USER"), os.Getenv("DROP_GROUP"), os.Getenv("DROP_SUPPLEMENTARY") == "yes"))
	r["threads"] = fmt.Sprint(after())
	for _, name := range []string{"Uid", "Gid", "Groups", "NoNewPrivs", "CapPrm", "CapEff"} {
		r[name] = status(name)
	}
	_, err := os.ReadFile(os.Getenv("SECRET"))
	r.note("read what only root may", err)
	_, err = os.ReadFile(os.Getenv("OPEN"))
	r.note("read what all may", err)
	l, err := net.Listen("tcp4", "127.0.0.1:25")
	if err == nil {
		l.Close()
	}
	r.note("listen on port 25", err)
	r.note("setuid", syscall.Setuid(0))
	r.note("setgid", syscall.Setgid(0))
	r.note("setgroups", syscall.Setgroups([]int{0}))
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	r["dumpable"] = fmt.Sprint(dumpable, err)
	var core syscall.Rlimit
	err = syscall.Getrlimit(syscall.RLIMIT_CORE, &core)
	r["core"] = fmt.Sprint(core, err)
	r.note("raise core", syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{Cur: 1, Max: 1}))
	r.note("drop again", system.Drop(os.Getenv("DROP_USER"), os.Getenv("DROP_GROUP"), false))
	r.note("drop to another", system.Drop("daemon", "", false))
	r.note("check scripts", system.CheckScripts([]string{"/nowhere"}, "")) // not root: nothing is looked at
}

// status returns the values of a line of /proc/PID/status, of all threads.
func status(name string) string {
	files, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		return err.Error()
	}
	values := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for line := range strings.Lines(string(text)) {
			if value, found := strings.CutPrefix(line, name+":"); found {
				values[strings.Join(strings.Fields(value), " ")] = true
			}
		}
	}
	var all []string
	for value := range values {
		all = append(all, value)
	}
	slices.Sort(all)
	return strings.Join(all, " | ")
}

func testDrop(t *testing.T, binary string) {
	needPrivilegedPort(t)
	dir := mta.Dir(t)
	secret, open := filepath.Join(dir, "secret"), filepath.Join(dir, "open")
	for path, mode := range map[string]os.FileMode{secret: 0o600, open: 0o644} {
		if err := os.WriteFile(path, []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	groups, err := nobody.GroupIds()
	if err != nil {
		t.Fatal(err)
	}
	mail, err := user.LookupGroup("mail")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, user, group, supplementary string
		gid, groups                      string
	}{
		{"user", "nobody", "", "no", nobody.Gid, ""},
		{"user and group", "nobody", "mail", "no", mail.Gid, ""},
		{"user and its groups", "nobody", "", "yes", nobody.Gid, strings.Join(groups, " ")},
		{"user by number, another group, and its groups", nobody.Uid, mail.Gid, "yes", mail.Gid, strings.Join(groups, " ")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := play(t, binary, "drop", "DROP_USER="+c.user, "DROP_GROUP="+c.group, "DROP_SUPPLEMENTARY="+c.supplementary, "SECRET="+secret, "OPEN="+open)
			four := func(id string) string { return strings.Join([]string{id, id, id, id}, " ") } // real, effective, saved, of the file system
			compare(t, got, report{
				"drop": "ok", "threads": all("uid " + nobody.Uid + ", setuid: operation not permitted"),
				"Uid": four(nobody.Uid), "Gid": four(c.gid), "Groups": c.groups, "NoNewPrivs": "1",
				"CapPrm": "0000000000000000", "CapEff": "0000000000000000",
				"read what only root may": "open " + secret + ": permission denied", "read what all may": "ok",
				"listen on port 25": "listen tcp4 127.0.0.1:25: bind: permission denied",
				"setuid":            "operation not permitted", "setgid": "operation not permitted", "setgroups": "operation not permitted",
				"dumpable": "0 <nil>", "core": "{0 0} <nil>", "raise core": "operation not permitted",
				"drop again": "ok",
				"drop to another": fmt.Sprintf(`become user "daemon": only root can; start luamilter as root, or as that user (now it is uid %s, gid %s), or name no user`,
					nobody.Uid, c.gid),
				"check scripts": "ok",
			})
		})
	}
}

// needPrivilegedPort ends the test where anybody may listen on port 25.
func needPrivilegedPort(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	if err != nil {
		t.Fatal(err)
	}
	if first, err := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || first <= 25 {
		mta.Skip(t, "net.ipv4.ip_unprivileged_port_start lets anybody listen on port 25")
	}
}

// TestOwnersOfScripts gives scripts to another user.
func TestOwnersOfScripts(t *testing.T) {
	mta.NeedRoot(t, "only root can give files away")
	dir := mta.Dir(t)
	path := filepath.Join(dir, "filter.lua")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := system.CheckScripts([]string{path, dir}, ""); err != nil {
		t.Errorf("root's: %v", err)
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, uid, -1); err != nil {
		t.Fatal(err)
	}
	if err := system.CheckScripts([]string{path}, "nobody"); err != nil {
		t.Errorf("the configured user's: %v", err)
	}
	for _, owner := range []string{"", "daemon"} {
		err := system.CheckScripts([]string{path}, owner)
		want := path + " has mode 0644 and owner nobody, so others than root could change what runs; run: chown -h root " + path
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("another's: got %v, want %s", err, want)
		}
	}
	if err := system.CheckScripts([]string{path}, "lm-no-such-user"); err == nil || !strings.Contains(err.Error(), "useradd") {
		t.Errorf("unknown user: %v", err)
	}
}
