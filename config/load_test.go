package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// write puts a file into a folder, which is made if need be, and returns its path.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// load loads a text from a file of its own that must be right.
func load(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Load(write(t, t.TempDir(), "luamilter.toml", text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What each key becomes.
func TestLoadReadsEveryKey(t *testing.T) {
	c := load(t, `
user = "luamilter"
group = "mail"
drain = "1d12h"
[log]
level = "debug"
format = "journald"
messages = false
[limits]
command_time = "1500ms"
message_time = "1m30s"
instructions = 1_000
memory = 0
message = "1.5MiB"
too_large = "truncate"
vms = 0x10
park_after = "1s"
[spool]
dir = "/var/spool/luamilter"
after = "2MiB"
size = "1GiB"

[reload]
watch = false
poll = 0
canary = "12.5%"
canary_time = "1h"
[store]
url = "redis://user:password@store.example.com:6379/2"
size = "9MiB"
keys = 7
timeout = "1s"
[cache]
size = "3MiB"
[metrics]
listen = "127.0.0.1:9125"
`)
	type exported struct {
		User, Group string
		Drain       time.Duration
		Log         Log
		Limits      Limits
		Spool       Spool
		Reload      Reload
		Store       Store
		Cache       Cache
		Metrics     Metrics
	}
	got := exported{c.User, c.Group, c.Drain, c.Log, c.Limits, c.Spool, c.Reload, c.Store, c.Cache, c.Metrics}
	want := exported{
		User: "luamilter", Group: "mail", Drain: 36 * time.Hour,
		Log: Log{Level: "debug", Format: "journald"},
		Limits: Limits{CommandTime: 1500 * time.Millisecond, MessageTime: 90 * time.Second, Instructions: 1000, Message: 3 << 19, TooLarge: "truncate", VMs: 16,
			ParkAfter: time.Second},
		Spool:   Spool{Dir: "/var/spool/luamilter", After: 2 << 20, Size: 1 << 30},
		Reload:  Reload{Canary: 12.5, CanaryTime: time.Hour},
		Store:   Store{URL: "redis://user:password@store.example.com:6379/2", Size: 9 << 20, Keys: 7, Timeout: time.Second},
		Cache:   Cache{Size: 3 << 20},
		Metrics: Metrics{Listen: "127.0.0.1:9125"},
	}
	if got != want {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

// Each mistake, and the line that is said of it. FILE stands for the path of the file.
func TestLoadSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"unknown key", "[limits]\ncomand_time = '8s'", []string{`FILE:2: limits.comand_time: unknown key, did you mean command_time?`}},
		{"unknown key at the top", "scrips = []", []string{`FILE:1: scrips: unknown key, did you mean scripts?`}},
		{"unknown table", "[limit]\nmemory = 1", []string{`FILE:1: limit: unknown key, did you mean limits?`}},
		{"nothing like it", "[store]\nxyzzy = 1", []string{`FILE:2: store.xyzzy: unknown key; [store] has url, size, keys, timeout`}},
		{"a key of the top below a table", "[log]\ndrain = '1s'", []string{`FILE:2: log.drain: unknown key here; drain belongs at the top of the file, above the first [table]`}},
		{"a key of a table at the top", "memory = '1GiB'", []string{`FILE:1: memory: unknown key here; there is limits.memory`}},
		{"a dotted name in quotes is one key", `"limits.memory" = "1GiB"`, []string{`FILE:1: "limits.memory": unknown key; known are listen,`}},
		{"too deep", "[limits]\nmemory.most = 1", []string{`FILE:2: limits.memory: want a size such as "1GiB", got a table`}},
		{"no table", "limits = 1", []string{`FILE:1: limits: want a table [limits], got an integer`}},
		{"list of tables", "[[limits]]\nmemory = 1", []string{`FILE:1: limits: want a table [limits], got a list`}},
		{"none of the choices", "[log]\nlevel = 'verbose'", []string{`FILE:2: log.level: "verbose" is none of debug, info, warn, error`}},
		{"nearly one of the choices", "on_error = 'tmpfail'", []string{`FILE:1: on_error: "tmpfail" is none of tempfail, reject, accept, continue, did you mean tempfail?`}},
		{"size as boolean", "[limits]\nmemory = true", []string{`FILE:2: limits.memory: want a size such as "1GiB", got a boolean`}},
		{"size as float", "[limits]\nmemory = 1.5", []string{`got a float`}},
		{"no size", "[limits]\nmemory = 'much'", []string{`FILE:2: limits.memory: "much" is no size; write 512MiB or 1GiB`}},
		{"size below zero", "[limits]\nmemory = -1", []string{`"-1" is no size`}},
		{"no room for a message", "[limits]\nmessage = 0", []string{`limits.message: "0" is too small`}},
		{"duration without unit", "drain = '60'", []string{`FILE:1: drain: "60" has no unit; write 500ms, 30s, 5m, 2h or 1d`}},
		{"duration as number", "drain = 60", []string{`FILE:1: drain: want a duration such as "30s", got an integer`}},
		{"no time for a command", "[limits]\ncommand_time = 0", []string{`limits.command_time: "0s" is too short`}},
		{"below zero", "drain = '-1s'", []string{`drain: "-1s" is below zero`}},
		{"integer as string", "[limits]\nvms = '5'", []string{`FILE:2: limits.vms: want an integer, got a string`}},
		{"integer too small", "[limits]\nvms = 0", []string{`limits.vms: 0 is too small, the least is 1`}},
		{"boolean as string", "[reload]\nwatch = 'yes'", []string{`FILE:2: reload.watch: want true or false, got a string`}},
		{"percentage without its sign", "[reload]\ncanary = '10'", []string{`reload.canary: "10" is no percentage from 0% to 100%; write 10%`}},
		{"more than all", "[reload]\ncanary = '101%'", []string{`"101%" is no percentage`}},
		{"date", "user = 2026-01-05", []string{`user: want a string, got a date or time`}},
		{"string for a list", "listen = 'inet:8891'", []string{`FILE:1: listen: want a list of sockets such as ["inet:8891@127.0.0.1"], got a string`}},
		{"element of a list", "scripts = [\n  'a.lua',\n  [],\n  7,\n]", []string{
			`FILE:2: scripts: want a list of paths such as ["scripts/*.lua"], got a list in the list`,
			`FILE:4: scripts: want a list of paths such as ["scripts/*.lua"], got an integer in the list`}},
		{"socket", "listen = [\n  'inet:8891',\n  'tcp:8891',\n]", []string{`FILE:3: listen: socket "tcp:8891": write inet instead of tcp`}},
		{"empty path", "scripts = ['']", []string{`FILE:1: scripts: a path is empty`}},
		{"admin on a port", "[admin]\nlisten = 'inet:1@127.0.0.1'", []string{`FILE:2: admin.listen: socket "inet:1@127.0.0.1": it must be a unix socket`}},
		{"metrics as a socket", "[metrics]\nlisten = 'inet:9125@127.0.0.1'", []string{`FILE:2: metrics.listen: "inet:9125@127.0.0.1" is not host:port; write 127.0.0.1:9125`}},
		{"kind of store", "[store]\nurl = 'redsi://store.example.com'", []string{`store.url: "redsi" is no kind of store, did you mean redis:?`}},
		{"relative file", "[store]\nurl = 'file:state.db'", []string{`store.url: "file:state.db": file: wants the absolute path of a file`}},
		{"store without a host", "[store]\nurl = 'redis:///2'", []string{`store.url: the redis URL has no host that can be read`}},
		{"listener without a table", "[listener]\nlisten = ['inet:1']", []string{`FILE:2: listener.listen: want a table [listener.NAME] with this in it, got a list`}},
		{"listener with a reserved name", "[listener.default]\n", []string{`FILE:1: listener.default: the listener "default" is the listen and scripts at the top of the file`}},
		{"listener with an odd name", "[listener.'a b']\n", []string{`FILE:1: listener."a b": the name of a listener is made of letters, digits, - and _`}},
		{"key of a listener", "[listener.out]\nscript = []", []string{`FILE:2: listener.out.script: unknown key, did you mean scripts?`}},
		{"setting that is a date", "[script.x]\na = [{b = 10:00:00}]", []string{`FILE:2: script.x.a: a script cannot get a date or time; write it as a string in quotes`}},
		{"reserved key of a script", "[script.x]\non_error = 'no'", []string{`FILE:2: script.x.on_error: "no" is none of tempfail, reject, accept, continue`}},
		{"script without a table", "script = {x = 1}", []string{`FILE:1: script.x: want a table [script.NAME] with this in it, got an integer`}},
		{"all at once, in order", "drain = 1\n[log]\nlevel = 1\n[limits]\nvms = 0\nmemory = ''", []string{"FILE:1: drain", "FILE:3: log.level", "FILE:5: limits.vms", "FILE:6: limits.memory"}},
		{"syntax", "user = 'x'\n[log]\n\tlevel \"info\"\n", []string{"FILE:3:8: expected '=' after key", `  |  level "info"`, "  |        ^"}},
		{"syntax at the end", "user = ", []string{"FILE:1:7: expected value, not end of input"}},
		{"a key twice", "user = 'a'\nuser = 'b'", []string{"FILE:2:1: key user is already defined"}},
		{"a table twice", "[log]\n[limits]\n[log]\n", []string{"FILE:3:2: table log already exists"}},
		{"what would command a terminal", "user \x1b[31m", []string{"FILE:1:6:", "  | user ?[31m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, t.TempDir(), "luamilter.toml", c.text)
			_, err := Load(file)
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.want) && !strings.Contains(err.Error(), "\n  | ") {
				t.Errorf("%d lines, want %d", len(lines), len(c.want))
			}
			for i, want := range c.want {
				want = strings.ReplaceAll(want, "FILE", file)
				if i >= len(lines) || !strings.Contains(lines[i], want) {
					t.Errorf("line %d lacks %s", i+1, want)
				}
			}
			if t.Failed() {
				t.Logf("got:\n%v", err)
			}
		})
	}
}

// A file that cannot be read says which.
func TestLoadWithoutFile(t *testing.T) {
	folder := t.TempDir()
	large := write(t, folder, "large.toml", strings.Repeat("#\n", largestFile))
	for name, want := range map[string]string{
		filepath.Join(folder, "none.toml"): "none.toml: no such file or directory",
		folder:                             "is a directory",
		large:                              "it cannot be a configuration",
	} {
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "read the configuration: ") {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// Settings keep their types and their lines.
func TestSettingsOfScripts(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "greylist.lua", "")
	file := write(t, folder, "luamilter.toml", `scripts = ["greylist.lua"]
[script.greylist]
mode = "observe"
delay = "5m"
count = 3
share = 0.5
exact = 2.0
on = true
nets = [
  "192.0.2.0/24",
  5,
]
table = {a = {b = [1]}}
[script.greylist.more]
x = 1
`)
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Listeners()
	if err != nil {
		t.Fatal(err)
	}
	s := c.Script(all[0], all[0].Scripts[0])
	want := map[string]Setting{
		"delay": {"5m", 4}, "count": {int64(3), 5}, "share": {0.5, 6}, "exact": {2.0, 7}, "on": {true, 8},
		"nets":  {[]any{"192.0.2.0/24", int64(5)}, 9},
		"table": {map[string]any{"a": map[string]any{"b": []any{int64(1)}}}, 13},
		"more":  {map[string]any{"x": int64(1)}, 14},
	}
	if !reflect.DeepEqual(s.Settings, want) {
		t.Errorf("got\n%v, want\n%v", s.Settings, want)
	}
	if s.Origin != file+":2" || s.Name != "greylist" || s.Mode != Observe {
		t.Errorf("%+v", s)
	}
}
