package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/engine"
)

// Without a configuration the engine's own defaults hold.
func TestDefaultsAreTheEngines(t *testing.T) {
	c := Default()
	got := engine.Limits{Instructions: c.Limits.Instructions, CommandTime: c.Limits.CommandTime, MessageTime: c.Limits.MessageTime,
		Message: int64(c.Limits.Message), BodyInMemory: int64(c.Spool.After), String: engine.DefaultLimits.String, VMs: int(c.Limits.VMs)}
	if got != engine.DefaultLimits {
		t.Errorf("%+v, the engine has %+v", got, engine.DefaultLimits)
	}
	if c.Drain != time.Minute || c.Limits.Memory != 1<<30 || !c.Log.Messages || !c.Reload.Watch || c.Reload.Canary != 0 {
		t.Errorf("%+v", c)
	}
}

// A flag has the checks of the file, and its name is in the error.
func TestSet(t *testing.T) {
	for _, c := range []struct{ key, value, err string }{
		{"limits.memory", "2GiB", ""},
		{"limits.instructions", "1000", ""},
		{"reload.watch", "false", ""},
		{"reload.canary", "10%", ""},
		{"drain", "1d", ""},
		{"listen", "inet:8892@127.0.0.1", ""},
		{"listener.out.listen", "inet:8893@127.0.0.1", ""},
		{"script.greylist.mode", "observe", ""},
		{"limits.memory", "much", `--flag: "much" is no size; write 512MiB or 1GiB`},
		{"limits.vms", "many", `--flag: "many" is no integer`},
		{"limits.vms", "0", `--flag: 0 is too small, the least is 1`},
		{"reload.watch", "yes", `--flag: "yes" is none of true, false`},
		{"log.level", "loud", `--flag: "loud" is none of debug, info, warn, error`},
		{"listen", "tcp:1", `--flag: socket "tcp:1": write inet instead of tcp`},
		{"scripts", "a\xff.lua", `--flag: "a\xff.lua" is not UTF-8`},
		{"limits.memori", "1", `--flag: unknown key, did you mean memory?`},
		{"listener.default.listen", "inet:1", `--flag: the listener "default" is the listen and scripts at the top`},
		{"script.greylist.delay", "5m", `--flag: unknown key`},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			conf := Default()
			err := conf.Set(c.key, c.value, "--flag")
			if c.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), c.err) {
					t.Fatalf("got %v, want %s", err, c.err)
				}
				if got := conf.Origin(c.key); got != "default" {
					t.Errorf("origin %s", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := conf.Origin(c.key); got != "--flag" {
				t.Errorf("origin %s", got)
			}
			var out strings.Builder
			if err := conf.Print(&out); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), "# from --flag\n") || !strings.Contains(out.String(), c.value) {
				t.Errorf("printed:\n%s", out.String())
			}
		})
	}
}

// A list takes several values, anything else one.
func TestSetList(t *testing.T) {
	c := Default()
	if err := c.SetList("listen", []string{"inet:1", "/run/s"}, "--listen"); err != nil {
		t.Error(err)
	}
	if err := c.SetList("drain", []string{"1s", "2s"}, "--drain"); err == nil || err.Error() != "--drain: it takes one value, not 2" {
		t.Error(err)
	}
	if len(c.top.listen) != 2 || c.Drain != time.Minute {
		t.Errorf("%v %v", c.top.listen, c.Drain)
	}
}

// Relative scripts begin at the folder of who names them.
func TestRelativeScripts(t *testing.T) {
	folder := t.TempDir()
	c, err := Load(write(t, folder, "luamilter.toml", `scripts = ["a.lua", "../b/*.lua", "/c//d.lua"]`))
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	flags := Default()
	if err := flags.SetList("scripts", []string{"e.lua"}, "command line"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{filepath.Join(folder, "a.lua"), filepath.Join(filepath.Dir(folder), "b", "*.lua"), "/c/d.lua"} {
		if got := c.top.scripts[i].text; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := flags.top.scripts[0].text; got != filepath.Join(here, "e.lua") {
		t.Errorf("from the command line: %s", got)
	}
}

// What is said last counts, and is said to.
func TestOrigin(t *testing.T) {
	c := load(t, "on_error = 'accept'\n[limits]\nmemory = '2GiB'\nvms = 7\n[listener.out]\nmode = 'observe'\n")
	if err := c.Set("limits.memory", "3GiB", "--memory"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"limits.memory":         "--memory",
		"limits.vms":            c.file + ":4",
		"limits.message":        "default",
		"listener.out.mode":     c.file + ":6",
		"listener.out.on_error": c.file + ":1", // as at the top
		"listener.out.listen":   "default",
	} {
		if got := c.Origin(key); got != want {
			t.Errorf("%s is from %s, want %s", key, got, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing to say", "[limits]\ncommand_time = '29s'\nmessage_time = '299s'", ""},
		{"longer than Postfix waits", "[limits]\ncommand_time = '30s'", "FILE:2: limits.command_time: 30s is longer than an MTA waits: Postfix gives up after 30s"},
		{"message longer than Postfix waits", "[limits]\nmessage_time = '5m'", "FILE:2: limits.message_time: 5m is longer than an MTA waits: Sendmail gives up after 5m"},
		{"message larger than memory", "[spool]\nafter = '300MiB'", "FILE:2: spool.after: a body of 300MiB never finds room"},
		{"memory too small for a message", "[limits]\nmemory = '3MiB'", "FILE:2: limits.memory: a body of 1MiB never finds room"},
		{"no limit of memory", "[limits]\nmemory = 0", ""},
		{"sockets without scripts", "listen = ['inet:1']\n[listener.out]\n", "FILE:1: listen: it has no effect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conf := load(t, c.text)
			got := strings.Join(conf.Warnings(), "\n")
			if want := strings.ReplaceAll(c.want, "FILE", conf.file); !strings.HasPrefix(got, want) || want == "" && got != "" {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
