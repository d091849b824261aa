package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/luaapi"
	"luamilter/protocol"
)

// Each need is one of a module or a function that there is, by a key that there is.
func TestNeeds(t *testing.T) {
	functions := map[string]bool{}
	for _, m := range luaapi.Modules() {
		functions[m.Name] = m.Kind == luaapi.Require
		for _, f := range m.Funcs {
			functions[m.Name+"."+f.Name] = m.Kind == luaapi.Require
		}
	}
	for _, n := range luaapi.Needs() {
		if !functions[n.Name] {
			t.Errorf("%s is no module and no function of one", n.Name)
		}
		at := slices.IndexFunc(config.Keys(), func(k config.Key) bool { return k.Name == n.Key })
		if at < 0 {
			t.Fatalf("%s: there is no key %s", n.Name, n.Key)
		}
		if !config.Default().IsEmpty(n.Key) {
			t.Errorf("%s: %s has a default", n.Name, n.Key)
		}
		if n.MetBy(&luaapi.Services{}) {
			t.Errorf("%s: %s is met by nothing", n.Name, n.Key)
		}
		table, key, _ := strings.Cut(n.Key, ".")
		file := filepath.Join(t.TempDir(), "c.toml")
		if err := os.WriteFile(file, fmt.Appendf(nil, "[%s]\n%s = %s\n", table, key, n.Example), 0o644); err != nil {
			t.Fatal(err)
		}
		if c, err := config.Load(file); err != nil || c.IsEmpty(n.Key) {
			t.Errorf("%s: the example of %s: %v", n.Name, n.Key, err)
		}
	}
}

const scanner = "local clamav = require \"clamav\"\nfunction eom(conn, msg) if clamav.scan(msg) == \"infected\" then return reject end return accept end\n"

// A daemon whose script has nobody to ask does not start.
func TestStartWithoutService(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "luamilter.toml")
	for path, text := range map[string]string{
		filepath.Join(dir, "scan.lua"): scanner,
		file:                           "listen = [\"unix:" + filepath.Join(dir, "milter") + "\"]\nscripts = [\"*.lua\"]\n[admin]\nlisten = \"\"\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d := &Daemon{
		Configure: func() (*config.Config, error) { return config.Load(file) },
		Logger:    func(config.Log) (zerolog.Logger, error) { return zerolog.Nop(), nil },
	}
	err := d.Run(t.Context())
	want := `scan.lua:1:16: error: require "clamav" needs clamav.address in the configuration; write address = "unix:/run/clamav/clamd.ctl" below [clamav] in ` + file
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nnot %s", err, want)
	}
}

// A reload to such a script changes nothing; nor does one with a key that takes effect at the next start only.
func TestReloadWithoutService(t *testing.T) {
	m := monitorWith(t, "", map[string]string{"scan.lua": "function eom(conn, msg) return accept end"})
	c, _ := m.inUse()
	script := filepath.Join(filepath.Dir(c.File()), "scan.lua")
	if err := os.WriteFile(script, []byte(scanner), 0o644); err != nil {
		t.Fatal(err)
	}
	refused := func(want string) {
		t.Helper()
		_, err := m.Reload("test")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nnot %s", err, want)
		}
		if r := m.mail("a@example.com"); r.Verdict != protocol.Accept {
			t.Errorf("then mail gets %v", r.Verdict)
		}
	}
	refused("write address = ")
	text, err := os.ReadFile(c.File())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.File(), append(text, "[clamav]\naddress = \"unix:/nowhere/clamd.ctl\"\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	refused("clamav.address was not there when the daemon started: restart it")
}
