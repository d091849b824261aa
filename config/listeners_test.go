package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luamilter/protocol"
)

// site makes a folder with some scripts and a configuration, and loads it.
func site(t *testing.T, text string) (folder string, c *Config) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range []string{"a.lua", "b.lua", "B.lua", "b_test.lua", ".hidden.lua", "notes.txt", "lib/c.lua", "dir.lua/d.lua", "odd[1].lua"} {
		write(t, filepath.Join(folder, "scripts"), name, "")
	}
	c, err := Load(write(t, folder, "luamilter.toml", text))
	if err != nil {
		t.Fatal(err)
	}
	return folder, c
}

// Which scripts a list names, in which order.
func TestScriptsOfAList(t *testing.T) {
	for _, c := range []struct {
		name, list string
		want       []string
	}{
		{"paths in their order", `["scripts/b.lua", "scripts/a.lua"]`, []string{"b.lua", "a.lua"}},
		{"a pattern in the order of bytes, without tests, hidden files and folders", `["scripts/*.lua"]`, []string{"B.lua", "a.lua", "b.lua", "odd[1].lua"}},
		{"hidden files where they are asked for", `["scripts/.*.lua"]`, []string{".hidden.lua"}},
		{"a test that is named", `["scripts/b_test.lua"]`, []string{"b_test.lua"}},
		{"a file whose name looks like a pattern", `["scripts/odd[1].lua"]`, []string{"odd[1].lua"}},
		{"paths and patterns", `["scripts/lib/*.lua", "scripts/[a-b].lua"]`, []string{"lib/c.lua", "a.lua", "b.lua"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder, conf := site(t, "scripts = "+c.list)
			all, err := conf.Listeners()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, file := range all[0].Scripts {
				name, err := filepath.Rel(filepath.Join(folder, "scripts"), file)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, name)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A folder whose own name looks like a pattern is found all the same.
func TestPatternInOddFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), `[x]*\`)
	write(t, folder, "a.lua", "")
	c, err := Load(write(t, folder, "luamilter.toml", `scripts = ["*.lua"]`))
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Listeners()
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(folder, "a.lua"); !slices.Equal(all[0].Scripts, []string{want}) {
		t.Errorf("%q, want %q", all[0].Scripts, want)
	}
}

// One daemon for what comes in and what goes out.
func TestListeners(t *testing.T) {
	_, c := site(t, `
listen = ["inet:8891@127.0.0.1", "/run/in"]
scripts = ["scripts/a.lua"]
on_error = "accept"
mode = "observe"
[listener.submission]
listen = ["inet:8893@127.0.0.1"]
scripts = ["scripts/b.lua", "scripts/a.lua"]
on_error = "reject"
mode = "enforce"
[listener.outbound]
listen = ["inet:8892@127.0.0.1"]
scripts = ["scripts/b.lua"]
[script.a]
mode = "observe"
[script.b]
on_error = "continue"
`)
	all, err := c.Listeners()
	if err != nil {
		t.Fatal(err)
	}
	type seen struct {
		name, specs, scripts string
		onError              protocol.Verdict
		mode                 Mode
	}
	var got []seen
	for _, l := range all {
		s := seen{name: l.Name, onError: l.OnError, mode: l.Mode}
		for _, spec := range l.Specs {
			s.specs += spec.String() + " "
		}
		for _, file := range l.Scripts {
			script := c.Script(l, file)
			s.scripts += script.Name + ":" + script.OnError.String() + ":" + string(script.Mode) + " "
		}
		got = append(got, s)
	}
	want := []seen{
		{"default", "inet:8891@127.0.0.1 /run/in ", "a:accept:observe ", protocol.Accept, Observe},
		{"outbound", "inet:8892@127.0.0.1 ", "b:continue:observe ", protocol.Accept, Observe},
		{"submission", "inet:8893@127.0.0.1 ", "b:continue:enforce a:reject:observe ", protocol.Reject, Enforce},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

// The listener at the top is left out when there are others and it has no scripts.
func TestOnlyNamedListeners(t *testing.T) {
	_, c := site(t, "[listener.out]\nlisten = ['inet:8891@127.0.0.1']\nscripts = ['scripts/a.lua']")
	all, err := c.Listeners()
	if err != nil || len(all) != 1 || all[0].Name != "out" || all[0].OnError != protocol.Tempfail || all[0].Mode != Enforce {
		t.Errorf("%+v, %v", all, err)
	}
}

// What is wrong is said with the line, and all at once.
func TestListenersSayWhatIsWrong(t *testing.T) {
	const good = "scripts = ['scripts/a.lua']\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"no scripts", "", []string{`scripts: there are none: name them on the command line, or write scripts = ["/etc/luamilter/scripts/*.lua"] at the top of FILE`}},
		{"an empty list", "\nscripts = []", []string{"FILE:2: scripts: there are none"}},
		{"no such script", "scripts = [\n'scripts/a.lua',\n'scripts/x.lua']", []string{"FILE:3: scripts: stat DIR/scripts/x.lua: no such file or directory"}},
		{"a folder", "scripts = ['scripts']", []string{"FILE:1: scripts: DIR/scripts is a folder; write DIR/scripts/*.lua for the scripts in it"}},
		{"nothing matches", "scripts = ['scripts/x*.lua']", []string{"FILE:1: scripts: no script matches DIR/scripts/x*.lua"}},
		{"only tests match", "scripts = ['scripts/*_test.lua']", []string{"FILE:1: scripts: no script matches DIR/scripts/*_test.lua"}},
		{"no such folder", "scripts = ['script/*.lua']", []string{"FILE:1: scripts: no script matches DIR/script/*.lua: open DIR/script: no such file or directory"}},
		{"no pattern", "scripts = ['scripts/[a.lua']", []string{"FILE:1: scripts: the pattern DIR/scripts/[a.lua cannot be read"}},
		{"a script twice", "scripts = [\n'scripts/a.lua',\n'scripts/[a]*.lua']", []string{"FILE:3: scripts: DIR/scripts/a.lua is already listed in FILE:2; a script can run once in a list"}},
		{"no sockets", good + "listen = []", []string{`FILE:2: listen: it is empty; write listen = ["inet:8891@127.0.0.1"]`}},
		{"a listener without anything", good + "[listener.out]\n", []string{
			`FILE:2: listener.out.listen: it is empty; write listen = ["inet:8891@127.0.0.1"]`,
			`FILE:2: listener.out.scripts: it is empty; write scripts = ["scripts/*.lua"]`}},
		{"a socket twice, in two spellings", good + "listen = [\n'inet:8891@127.0.0.1',\n'inet:127.0.0.1:8891']", []string{"FILE:4: listen: the socket 127.0.0.1:8891 is already in FILE:3"}},
		{"a socket in two listeners", good + "[listener.out]\nscripts = ['scripts/a.lua']\nlisten = ['inet:8891@127.0.0.1']", []string{"FILE:4: listener.out.listen: the socket 127.0.0.1:8891 is already in default"}},
		{"the administrator's socket", good + "listen = ['/run/luamilter/admin.sock']", []string{"admin.listen: the socket /run/luamilter/admin.sock is already in FILE:2"}},
		{"the port of the metrics", good + "[metrics]\nlisten = '127.0.0.1:8891'", []string{"FILE:3: metrics.listen: the socket 127.0.0.1:8891 is already in default"}},
		{"settings of no script", "scripts = ['scripts/*.lua']\n[script.od1]\n[script.'a.lua']\n[script.greylist]", []string{
			"FILE:2: script.od1: there is no such script",
			`FILE:3: script."a.lua": there is no such script; leave .lua out: [script.a]`,
			"FILE:4: script.greylist: there is no such script; there are B, a, b, odd[1]"}},
		{"a mistyped script", "scripts = ['scripts/odd[1].lua']\n[script.'od[1]']", []string{`FILE:2: script."od[1]": there is no such script, did you mean odd[1]?`}},
		{"settings, while a script is not there", "scripts = ['scripts/x.lua']\n[script.x]", []string{"FILE:1: scripts: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder, conf := site(t, c.text)
			_, err := conf.Listeners()
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.want) {
				t.Errorf("%d lines, want %d", len(lines), len(c.want))
			}
			for i, want := range c.want {
				want = strings.NewReplacer("FILE", conf.file, "DIR", folder).Replace(want)
				if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
					t.Errorf("line %d does not begin with %s", i+1, want)
				}
			}
			if t.Failed() {
				t.Logf("got:\n%v", err)
			}
		})
	}
}

// The administrator's socket is closed to others, unless the file opens it.
func TestAdminSocket(t *testing.T) {
	for _, c := range []struct {
		text string
		on   bool
		mode os.FileMode
	}{
		{"", true, 0o600},
		{"[admin]\nlisten = ''", false, 0},
		{"[admin]\nlisten = '/run/a'", true, 0o600},
		{"[admin]\nlisten = '/run/a?group=adm'", true, 0o600},
		{"[admin]\nlisten = '/run/a?group=adm&mode=0660'", true, 0o660},
	} {
		t.Run(c.text, func(t *testing.T) {
			spec, on := load(t, c.text).AdminSocket()
			if on != c.on || spec.Mode != c.mode {
				t.Errorf("%v %o, want %v %o", on, spec.Mode, c.on, c.mode)
			}
		})
	}
}
