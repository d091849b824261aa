//go:build linux

package takeover

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"luamilter/tests/mta"
)

// unprivileged is whom the daemon becomes.
const unprivileged, unprivilegedGroup = "nobody", "mail"

// dropped are the lines of a configuration for it.
var dropped = []string{`user = "` + unprivileged + `"`, `group = "` + unprivilegedGroup + `"`, "sandbox = true"}

// TestDropped has root start a daemon that becomes another user and closes the file system, filters mail that comes through Postfix with it, changes the
// script as root, hands over by SIGUSR2, and changes the script again. No thread of either process has anything of root's left, and
// no client or mail server notices any of this.
func TestDropped(t *testing.T) {
	needPostfix(t)
	mta.Adopt(t)
	spec := mta.UnixSpec(t)
	f := newFilter(t, spec, "one", dropped...)
	run := f.run()
	run.Program = mta.Static(t)
	d := mta.Daemon(t, run)
	d.WaitLine(t, "files are restricted by Landlock")
	at := newSite(t, spec, mta.Tempfail)
	r := newTraffic(t, at.server.Addr)
	k := newKnocks(address(t, spec))
	first := r.next()
	r.await(t, 20, first, true)
	powerless(t, d.Pid())

	f.write(t, marker("two"))
	if err := reload(t, f); err != nil {
		t.Fatalf("luamilter reload: %v", err)
	}
	second := r.next()
	r.await(t, 20, second, true)
	sessions := hold(t, at.server.Addr, second, d)

	d.Signal(t, syscall.SIGUSR2)
	successor := d.Successor(t)
	third := r.next()
	r.await(t, 20, third, true)
	powerless(t, successor.Pid())
	powerless(t, d.Pid())
	sent := finish(sessions)
	d.Ended(t)

	f.write(t, marker("three"))
	successor.Signal(t, syscall.SIGHUP)
	successor.WaitLine(t, `"cause":"signal"`, `"message":"reloaded"`)
	last := r.next()
	r.await(t, 20, last, true)
	k.end(t)
	b := at.settle(t, append(sent, r.end(t)...))
	b.allAccepted(t)
	b.markedIfAny(t, first, "one", "two")
	b.marked(t, second, "two")
	b.markedIfAny(t, third, "two", "three")
	b.marked(t, last, "three")
	at.quiet(t)
}

// powerless checks each thread of a process: the user and the group are the configured ones, for good, no capability is left, and no way
// to get some.
func powerless(t *testing.T, pid int) {
	t.Helper()
	uid, gid, groups := identity(t)
	want := map[string]string{
		"Uid": strings.Repeat(" "+uid, 4)[1:], "Gid": strings.Repeat(" "+gid, 4)[1:], "Groups": groups, // real, effective, saved, of the file system
		"CapInh": "0000000000000000", "CapPrm": "0000000000000000", "CapEff": "0000000000000000", "CapAmb": "0000000000000000", "NoNewPrivs": "1",
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(threads) < 3 {
		t.Fatalf("process %d has %d threads, %v", pid, len(threads), err)
	}
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			got := strings.Join(strings.Fields(value), " ")
			if name == "Groups" {
				got = sorted(got)
			}
			if wanted, asked := want[name]; asked && got != wanted {
				t.Errorf("%s: %s is %q, want %q", path, name, got, wanted)
			}
		}
	}
}

// identity returns the ids of the configured user and group, and those of all groups of that user.
func identity(t *testing.T) (uid, gid, groups string) {
	t.Helper()
	u, err := user.Lookup(unprivileged)
	if err != nil {
		t.Fatal(err)
	}
	g, err := user.LookupGroup(unprivilegedGroup)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := u.GroupIds()
	if err != nil {
		t.Fatal(err)
	}
	return u.Uid, g.Gid, sorted(strings.Join(ids, " "))
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestRefusedScripts has root start a daemon on scripts that others can change, or that are not to be found: it says why in one line, what
// to do, and nothing is left of it.
func TestRefusedScripts(t *testing.T) {
	mta.NeedRoot(t, "only root gives up being root")
	program := mta.Static(t)
	uid, err := strconv.Atoi(must(user.Lookup("daemon")).Uid)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(f filter) error
		want  string // %s is the folder
	}{
		{"anybody can write the script", func(f filter) error { return os.Chmod(f.script, 0o666) },
			"%s/filter.lua has mode 0666 and owner root, so others than root could change what runs; run: chmod go-w %[1]s/filter.lua"},
		{"the script is another user's", func(f filter) error { return os.Chown(f.script, uid, -1) },
			"%s/filter.lua has mode 0644 and owner daemon, so others than root could change what runs; run: chown -h root %[1]s/filter.lua"},
		{"anybody can replace the script", func(f filter) error { return os.Chmod(filepath.Dir(f.script), 0o777) },
			"%s has mode 0777 and owner root, so others than root could change what runs; run: chmod go-w %[1]s"},
		{"anybody can write a module", func(f filter) error {
			module := filepath.Join(filepath.Dir(f.script), "module.lua")
			if err := os.WriteFile(module, []byte("return {}\n"), 0o644); err != nil {
				return err
			}
			return os.Chmod(module, 0o666)
		}, "%s/module.lua has mode 0666 and owner root, so others than root could change what runs; run: chmod go-w %[1]s/module.lua"},
		{"the user cannot read the script", func(f filter) error { return os.Chmod(f.script, 0o600) },
			"open %s/filter.lua: permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := mta.UnixSpec(t)
			f := newFilter(t, spec, "one", dropped...)
			if err := c.spoil(f); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(program, "run", "--log-format", "json", "-c", f.config).CombinedOutput()
			if err == nil || err.Error() != "exit status 1" {
				t.Errorf("it ends with %v", err)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			last := lines[len(lines)-1]
			if want := fmt.Sprintf(c.want, filepath.Dir(f.script)); !strings.HasPrefix(last, "luamilter: ") || !strings.Contains(last, want) {
				t.Errorf("it says\n%s\nwant a last line with\n%s", out, want)
			}
		})
	}
}

// TestSandboxedPlaces starts a daemon without any files but its own, where its scripts are found in other ways than by their names: by a pattern of
// folders, and by links to another folder. It must be able to read them, at the start and at a reload, and those that come later.
func TestSandboxedPlaces(t *testing.T) {
	mta.NeedRoot(t, "only root can become another user")
	program := mta.Static(t)
	for _, c := range []struct {
		name, scripts string
		place, later  func(f filter, elsewhere string) error
		want          string // what is loaded then
	}{
		{"a pattern of folders", `scripts = ["sites/*/*.lua"]`, siteFolder("one"), siteFolder("two"), "sites/two/filter-two.lua"},
		{"a link to another folder", `scripts = ["filter.lua"]`, func(f filter, elsewhere string) error {
			if err := os.Rename(f.script, filepath.Join(elsewhere, "mine.lua")); err != nil {
				return err
			}
			return os.Symlink(filepath.Join(elsewhere, "mine.lua"), f.script)
		}, func(f filter, elsewhere string) error {
			return os.WriteFile(filepath.Join(elsewhere, "mine.lua"), []byte(marker("two")), 0o644)
		}, "/filter.lua"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := mta.UnixSpec(t)
			f := newFilter(t, spec, "one", dropped...)
			text, err := os.ReadFile(f.config)
			if err != nil {
				t.Fatal(err)
			}
			put(t, f.config, strings.Replace(string(text), `scripts = ["filter.lua"]`, c.scripts, 1))
			elsewhere := mta.Dir(t)
			if err := c.place(f, elsewhere); err != nil {
				t.Fatal(err)
			}
			run := f.run()
			run.Program = program
			d := mta.Daemon(t, run)
			d.WaitLine(t, "files are restricted by Landlock")
			if err := c.later(f, elsewhere); err != nil {
				t.Fatal(err)
			}
			if err := reload(t, f); err != nil {
				t.Fatalf("luamilter reload: %v", err)
			}
			d.WaitLine(t, `"message":"reloaded"`, c.want)
		})
	}
}

// siteFolder puts a script into a folder of its own below sites.
func siteFolder(name string) func(f filter, _ string) error {
	return func(f filter, _ string) error {
		folder := filepath.Join(filepath.Dir(f.config), "sites", name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, "filter-"+name+".lua"), []byte(marker(name)), 0o644)
	}
}

func must(u *user.User, err error) *user.User {
	if err != nil {
		panic(err) // each Debian has it
	}
	return u
}
