package deployment

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// TestDebianPackage builds packages and lets one come, be replaced by the next, and go, on a Debian that has nothing else.
func TestDebianPackage(t *testing.T) {
	d := debian{root: mta.Debian(t)}
	lintian := mta.NeedProgram(t, "lintian")
	out := t.TempDir()
	first := build(t, "1.0.0", "deb", out)
	second := build(t, "1.1.0", "deb", out)
	t.Run("lintian finds nothing", func(t *testing.T) {
		output(t, "", lintian, "--allow-root", "--fail-on", "error,warning", first)
	})
	t.Run("the same source gives the same bytes", func(t *testing.T) {
		again := build(t, "1.0.0", "deb", t.TempDir(), "TZ=Asia/Tokyo", "TMPDIR="+t.TempDir())
		if !bytes.Equal(read(t, first), read(t, again)) {
			t.Errorf("%s and %s differ", first, again)
		}
	})
	before := d.files(t)
	ok := t.Run("install", func(t *testing.T) { d.install(t, first); installed(t, d) }) &&
		t.Run("filter", func(t *testing.T) { filters(t, d) }) &&
		t.Run("upgrade", func(t *testing.T) { upgrade(t, d, second) }) &&
		t.Run("remove", func(t *testing.T) { remove(t, d) })
	if !ok {
		t.FailNow()
	}
	t.Run("purge", func(t *testing.T) {
		d.run(t, "dpkg", "--purge", "luamilter")
		after := d.files(t)
		for path, was := range before {
			if after[path] != was {
				t.Errorf("%s was %s and is now %q", path, was, after[path])
			}
			delete(after, path)
		}
		for _, path := range slices.Sorted(maps.Keys(after)) {
			t.Errorf("%s is left", path)
		}
	})
}

// enabled is the link that has systemd start the service.
const enabled = "/etc/systemd/system/multi-user.target.wants/luamilter.service"

// installed looks at what the package has put where.
func installed(t *testing.T, d debian) {
	if version := d.run(t, "luamilter", "--version"); !strings.HasPrefix(version, "luamilter 1.0.0 (go") {
		t.Errorf("version %q", version)
	}
	for path, want := range map[string]string{
		"/usr/bin/luamilter":                                  "755 root root",
		"/etc/luamilter/luamilter.toml":                       "644 root root",
		"/etc/luamilter/scripts":                              "755 root root",
		"/etc/luamilter/scripts/README":                       "644 root root",
		"/var/lib/luamilter":                                  "750 luamilter luamilter",
		"/lib/systemd/system/luamilter.service":               "644 root root",
		"/lib/systemd/system/luamilter.socket":                "644 root root",
		"/usr/share/luamilter/scripts/rcpt_count.lua":         "644 root root",
		"/usr/share/man/man8/luamilter.8.gz":                  "644 root root",
		"/usr/share/doc/luamilter/examples/main.cf":           "644 root root",
		"/usr/share/bash-completion/completions/luamilter":    "644 root root",
		"/usr/share/zsh/vendor-completions/_luamilter":        "644 root root",
		"/usr/share/fish/vendor_completions.d/luamilter.fish": "644 root root",
	} {
		if got := strings.TrimSpace(d.run(t, "stat", "-c", "%a %U %G", path)); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if _, err := os.Lstat(filepath.Join(d.root, enabled)); err == nil {
		t.Error("the service is enabled, but it has no script to run")
	}
	if user := d.run(t, "getent", "passwd", "luamilter"); !strings.HasSuffix(user, ":/var/lib/luamilter:/usr/sbin/nologin\n") {
		t.Errorf("user %q", user)
	}
}

// filters runs what the service runs, as its user, with one of the package's scripts, and plays a message to it.
func filters(t *testing.T, d debian) {
	d.run(t, "cp", "/usr/share/luamilter/scripts/rcpt_count.lua", "/etc/luamilter/scripts/")
	d.run(t, "luamilter", "check", "/etc/luamilter/scripts/rcpt_count.lua")
	spec := mta.InetSpec(t)
	d.run(t, "install", "-d", "-o", "luamilter", "/run/luamilter") // systemd would
	stop := d.daemon(t, "luamilter", "run", "-c", "/etc/luamilter/luamilter.toml", "--log-format", "json", "--listen", spec)
	if answers := d.run(t, "luamilter", "probe", spec); !strings.Contains(answers, "add      X-Rcpt-Count: 3") {
		t.Errorf("the probe shows:\n%s", answers)
	}
	if status := d.run(t, "luamilter", "status"); !strings.HasPrefix(status, "luamilter 1.0.0 (go") {
		t.Errorf("the status is:\n%s", status)
	}
	stop()
	d.run(t, "rm", "-r", "/run/luamilter")
}

// upgrade installs a next version whose default configuration differs, over one that the administrator has changed.
func upgrade(t *testing.T, d debian, next string) {
	const ours = "# changed by the administrator\n"
	config := filepath.Join(d.root, "etc/luamilter/luamilter.toml")
	write(t, config, ours)
	d.run(t, "ln", "-s", "/lib/systemd/system/luamilter.service", enabled) // as systemctl enable does
	changed := t.TempDir()
	output(t, "", "dpkg-deb", "-R", next, changed)
	write(t, filepath.Join(changed, "etc/luamilter/luamilter.toml"), "# a new default\n")
	repacked := filepath.Join(t.TempDir(), "changed.deb")
	output(t, "", "dpkg-deb", "--root-owner-group", "-b", changed, repacked)
	d.install(t, repacked)
	if version := d.run(t, "luamilter", "--version"); !strings.HasPrefix(version, "luamilter 1.1.0 (go") {
		t.Errorf("version %q", version)
	}
	if text := string(read(t, config)); text != ours {
		t.Errorf("luamilter.toml is now %q", text)
	}
	d.run(t, "stat", "/etc/luamilter/scripts/rcpt_count.lua", "/etc/luamilter/luamilter.toml.dpkg-dist", "/var/lib/luamilter", enabled)
}

// remove keeps what only purge takes away.
func remove(t *testing.T, d debian) {
	write(t, filepath.Join(d.root, "var/lib/luamilter/state.db"), "")
	d.run(t, "dpkg", "--remove", "luamilter")
	for path, kept := range map[string]bool{
		"usr/bin/luamilter": false, "usr/share/luamilter": false, "lib/systemd/system/luamilter.service": false,
		"etc/luamilter/luamilter.toml": true, "etc/luamilter/scripts/rcpt_count.lua": true, "var/lib/luamilter/state.db": true,
	} {
		if _, err := os.Stat(filepath.Join(d.root, path)); (err == nil) != kept {
			t.Errorf("%s: %v, want it kept: %t", path, err, kept)
		}
	}
}

// TestRPMPackage asks rpm what it would install, and the shell whether it understands the scripts.
func TestRPMPackage(t *testing.T) {
	rpm := mta.NeedProgram(t, "rpm")
	path := build(t, "1.0.0", "rpm", t.TempDir())
	output(t, "", rpm, "-K", "--nosignature", path)
	files := output(t, "", rpm, "-qlp", path)
	for _, want := range []string{"/usr/bin/luamilter", "/usr/lib/systemd/system/luamilter.service", "/etc/luamilter/scripts"} {
		if !slices.Contains(strings.Split(files, "\n"), want) {
			t.Errorf("%s is not in\n%s", want, files)
		}
	}
	if settings := output(t, "", rpm, "-qcp", path); settings != "/etc/luamilter/luamilter.toml\n/etc/luamilter/scripts/README\n" {
		t.Errorf("settings that are kept: %s", settings)
	}
	for _, tag := range []string{"POSTIN", "PREUN", "POSTUN"} {
		script := filepath.Join(t.TempDir(), tag)
		write(t, script, output(t, "", rpm, "-qp", "--qf", "%{"+tag+"}", path))
		output(t, "", "sh", "-n", script)
		if len(read(t, script)) < 20 {
			t.Errorf("%s: there is no script", tag)
		}
	}
}

// build builds a package and returns its path; its files get a time that is long past.
func build(t *testing.T, version, format, dir string, env ...string) string {
	t.Helper()
	cmd := exec.Command("../../deploy/deb/build.sh", version, "amd64", dir, format)
	cmd.Env = append(append(os.Environ(), "SOURCE_DATE_EPOCH=1767225600"), env...)
	var log bytes.Buffer
	cmd.Stderr = &log
	path, err := cmd.Output()
	if err != nil {
		t.Fatalf("build %s: %v\n%s", version, err, log.String())
	}
	return strings.TrimSpace(string(path))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
