package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/config"
)

// What config prints where, and how it exits. DIR stands for a folder with the scripts a.lua and b.lua.
func TestConfig(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.lua":         "",
		"b.lua":         "",
		"good.toml":     "scripts = ['a.lua']\n[limits]\nmemory = '2GiB'\n",
		"wrong.toml":    "[limits]\ncomand_time = '8s'\nmemory = true\n",
		"missing.toml":  "scripts = ['nowhere.lua']\n",
		"slow.toml":     "scripts = ['a.lua']\n[limits]\ncommand_time = '1m'\n",
		"listener.toml": "[listener.out]\nlisten = ['inet:8892@127.0.0.1']\nscripts = ['a.lua']\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, args     string
		code           int
		stdout, stderr []string // parts of them; none: nothing may be written to stderr
	}{
		{"a file", "-c DIR/good.toml", 0, []string{`scripts = ["DIR/a.lua"]  # from DIR/good.toml:1`, `memory = "2GiB"  # from DIR/good.toml:3`, `drain = "1m"  # from default`}, nil},
		{"scripts alone", "DIR/b.lua DIR/a.lua", 0, []string{`scripts = ["DIR/b.lua", "DIR/a.lua"]  # from command line`}, nil},
		{"flags over a file", "-c DIR/good.toml --memory 3GiB -l inet:8893@127.0.0.1 -l /run/s --on-error accept --drain 5s --log-level debug --log-format journald DIR/b.lua", 0, []string{
			`memory = "3GiB"  # from --memory`, `listen = ["inet:8893@127.0.0.1", "/run/s"]  # from --listen`, `on_error = "accept"  # from --on-error`, `drain = "5s"  # from --drain`,
			`level = "debug"  # from --log-level`, `format = "journald"  # from --log-format`, `scripts = ["DIR/b.lua"]  # from command line`}, nil},
		{"other listeners stay", "-c DIR/listener.toml DIR/b.lua", 0, []string{`scripts = ["DIR/b.lua"]  # from command line`, "[listener.out]\n" + `listen = ["inet:8892@127.0.0.1"]  # from DIR/listener.toml:2`}, nil},
		{"a warning", "-c DIR/slow.toml", 0, []string{`command_time = "1m"`}, []string{"warning: DIR/slow.toml:3: limits.command_time: 1m is longer"}},
		{"all that is wrong", "-c DIR/wrong.toml", 1, nil, []string{"DIR/wrong.toml:2: limits.comand_time: unknown key, did you mean command_time?\nDIR/wrong.toml:3: limits.memory: want a size"}},
		{"a script that is not there", "-c DIR/missing.toml", 1, []string{`scripts = ["DIR/nowhere.lua"]`}, []string{"DIR/missing.toml:1: scripts: stat DIR/nowhere.lua: no such file"}},
		{"a file that is not there", "-c DIR/none.toml", 1, nil, []string{"luamilter: read the configuration: open DIR/none.toml: no such file"}},
		{"wrong flags, all at once", "--memory much --on-error explode DIR/a.lua", 2, nil, []string{`--on-error: "explode" is none of tempfail, reject, accept, continue`, `--memory: "much" is no size`}},
		{"a file without -c", "DIR/good.toml", 2, nil, []string{"DIR/good.toml is a configuration and no script; write -c DIR/good.toml"}},
		{"the keys", "--keys", 0, []string{"limits.memory: size; default \"1GiB\"\n    How much memory", "listener.NAME.listen: list of sockets; no default\n"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := strings.Fields("config " + strings.ReplaceAll(c.args, "DIR", folder))
			code, stdout, stderr := run(args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, part := range c.stdout {
				if !strings.Contains(stdout, strings.ReplaceAll(part, "DIR", folder)) {
					t.Errorf("stdout lacks %s", part)
				}
			}
			for _, part := range c.stderr {
				if !strings.Contains(stderr, strings.ReplaceAll(part, "DIR", folder)) {
					t.Errorf("stderr lacks %s", part)
				}
			}
			if len(c.stderr) == 0 && stderr != "" {
				t.Error("stderr is not empty")
			}
			if t.Failed() {
				t.Logf("stdout:\n%s\nstderr:\n%s", stdout, stderr)
			}
		})
	}
}

// Every key is in the reference.
func TestConfigKeys(t *testing.T) {
	_, stdout, _ := run("config", "--keys")
	for _, k := range config.Keys() {
		if !strings.Contains(stdout, k.Name+": "+k.Type+"; ") || !strings.Contains(stdout, "\n    "+k.Doc+"\n") {
			t.Errorf("it lacks %s", k.Name)
		}
	}
}

// What config prints is a file that it takes again.
func TestConfigPrintsAFile(t *testing.T) {
	script := write(t, "a.lua", "")
	code, first, stderr := run("config", "--memory", "3GiB", script)
	if code != 0 {
		t.Fatalf("exit code %d, stderr:\n%s", code, stderr)
	}
	file := write(t, "printed.toml", first)
	code, second, stderr := run("config", "-c", file)
	if code != 0 {
		t.Fatalf("exit code %d, stderr:\n%s", code, stderr)
	}
	if got, want := withoutOrigins(second), withoutOrigins(first); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// withoutOrigins cuts the comments off.
func withoutOrigins(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		value, _, _ := strings.Cut(line, "  # from ")
		out.WriteString(strings.TrimRight(value, "\n") + "\n")
	}
	return out.String()
}
