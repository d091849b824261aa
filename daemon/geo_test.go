package daemon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/protocol"
)

// Scripts ask the files of the configuration.
func TestGeo(t *testing.T) {
	file, err := filepath.Abs("../luaapi/geo/testdata/places.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	m := monitorWith(t, "[geo]\nfiles = [\""+file+"\"]\n", map[string]string{"first.lua": `
local geo = require "geo"
function mail(conn, sender)
  if geo.country(sender) == "CH" then return reject end
end
function eom(conn, msg) return accept end`})
	for _, c := range []struct {
		ip   string
		want protocol.Verdict
	}{{"192.0.2.1", protocol.Reject}, {"127.0.0.1", protocol.Accept}, {"203.0.113.1", protocol.Accept}} {
		if r := m.mail(c.ip); r.Verdict != c.want {
			t.Errorf("%s: %v, want %v", c.ip, r.Verdict, c.want)
		}
	}
}

// A file that is not there is said at the start.
func TestGeoWithoutFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "luamilter.toml")
	for path, text := range map[string]string{
		filepath.Join(dir, "first.lua"): "function mail() end",
		file:                            "listen = [\"unix:" + filepath.Join(dir, "milter") + "\"]\nscripts = [\"*.lua\"]\n[admin]\nlisten = \"\"\n[geo]\nfiles = [\"none.mmdb\"]\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d := &Daemon{
		Configure: func() (*config.Config, error) { return config.Load(file) },
		Logger:    func(config.Log) (zerolog.Logger, error) { return zerolog.Nop(), nil },
	}
	if err := d.Run(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it starts: %v", err)
	}
}
