package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed rspamdmap.lua
var rspamdMapScript string

// rspamdConf is a small configuration. %[1]s is its folder, %[2]s where the worker listens, %[3]s how much
// it logs, %[4]s the rest, %[5]d how many workers it has.
const rspamdConf = `options {
  pidfile = "%[1]s/pid"; cache_file = "%[1]s/cache"; tempdir = "%[1]s"; hs_cache_dir = "%[1]s"; url_tld = "%[1]s/suffixes"; filters = "";
  dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
}
logging { type = "console"; level = "%[3]s"; log_usec = true; }
worker "normal" { bind_socket = "%[2]s"; count = %[5]d; }
actions { reject = 15; add_header = 6; greylist = 4; }
%[4]s
`

// launchRspamd starts a rspamd in a new folder, with files and the rest of its configuration, in which FOLDER stands for the folder.
func (b *bench) launchRspamd(path, level, rest string, workers int, files map[string]string) (s *server, dir, address string, err error) {
	if dir, err = os.MkdirTemp(b.dir, "rspamd-"); err != nil {
		return nil, "", "", err
	}
	if err := os.Chmod(dir, 0o777); err != nil { // its workers have another user, if root starts it
		return nil, "", "", err
	}
	if address, err = freePort(); err != nil {
		return nil, "", "", err
	}
	files["suffixes"] = "com\nexample\n"
	files["rspamd.conf"] = fmt.Sprintf(rspamdConf, dir, address, level, strings.ReplaceAll(rest, "FOLDER", dir), workers)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "FOLDER", dir)), 0o644); err != nil {
			return nil, "", "", err
		}
	}
	s, err = b.launch(exec.Command(path, "-f", "-i", "-c", filepath.Join(dir, "rspamd.conf")))
	return s, dir, address, err
}

// rspamdMap is rspamd with the list as one of its maps, which a script in its Lua looks all keys up in.
func (b *bench) rspamdMap(l *list) *doer {
	name := "rspamd " + l.rspamdType
	path, err := find("rspamd", "rspamd")
	if err != nil {
		return absent(name, err)
	}
	script := strings.NewReplacer("MAP", l.rspamd, "TYPE", l.rspamdType, "KEYS", l.keyFile).Replace(rspamdMapScript)
	return &doer{name: name, measure: func(ctx context.Context) (_ []float64, err error) {
		s, dir, _, err := b.launchRspamd(path, "info", `lua = "FOLDER/map.lua";`, 1, map[string]string{"map.lua": script})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		result := filepath.Join(dir, "result")
		if err := s.wait(ctx, func() bool { _, err := os.Stat(result); return err == nil }); err != nil {
			return nil, err
		}
		load, err := loadTime(s.log)
		if err != nil {
			return nil, err
		}
		return readRspamd(result, load, len(l.keys))
	}}
}

// readRspamd reads what the script wrote: MiB, seconds, hits.
func readRspamd(path string, load time.Duration, queries int) ([]float64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var memory, took float64
	var hits int
	if _, err := fmt.Sscan(string(text), &memory, &took, &hits); err != nil {
		return nil, fmt.Errorf("read what rspamd wrote, %q: %w", text, err)
	}
	return lookedUp(load, memory, queries, time.Duration(took*float64(time.Second))), checkHits(hits, queries)
}

// loadTime finds in rspamd's log how long it read its only map: from the last line before it begins with that to the one that says that it was read.
func loadTime(log string) (time.Duration, error) {
	text, err := os.ReadFile(log)
	if err != nil {
		return 0, err
	}
	var begin time.Time
	for line := range strings.Lines(string(text)) {
		at, bad := stamp(line)
		switch {
		case bad != nil:
		case strings.Contains(line, "rspamd_config_post_load: "):
			begin = at
		case strings.Contains(line, "_fin: read ") && !begin.IsZero():
			return at.Sub(begin), nil
		}
	}
	return 0, fmt.Errorf("%s does not say that the map was read", log)
}

// stamp reads the time at the beginning of a line of rspamd's log.
func stamp(line string) (time.Time, error) {
	f := strings.Fields(line)
	if len(f) < 2 {
		return time.Time{}, errors.New("no time")
	}
	return time.Parse("2006-01-02 15:04:05.999999", f[0]+" "+f[1])
}
