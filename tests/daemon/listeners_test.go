package daemontest

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/daemon"
	"luamilter/protocol"
	"luamilter/tests/mta"
)

// configured starts a daemon with a configuration and scripts; FOLDER in the text becomes their folder.
func configured(t *testing.T, config string, scripts map[string]string) *site {
	t.Helper()
	s := &site{t: t, folder: mta.Dir(t)}
	for name, text := range scripts {
		must(t, os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o644))
	}
	s.socket = filepath.Join(s.folder, "milter.sock")
	admin := filepath.Join(s.folder, "admin.sock")
	path := filepath.Join(s.folder, "luamilter.toml")
	text := strings.ReplaceAll(config, "FOLDER", s.folder) + "\n[admin]\nlisten = \"unix:" + admin + "\"\n"
	must(t, os.WriteFile(path, []byte(text), 0o644))
	s.daemon = mta.Daemon(t, mta.Run{Args: []string{"-c", path}})
	s.client = daemon.NewClient(admin)
	return s
}

// helo opens a connection and says HELO.
func (s *site) helo(socket string) protocol.Reply {
	s.t.Helper()
	nc, err := net.Dial("unix", socket)
	must(s.t, err)
	c := protocol.NewClient(nc, time.Minute)
	_, err = c.Negotiate(protocol.FullOffer)
	must(s.t, err)
	r, err := c.Send(&protocol.Helo{Name: []byte("client.example.com")})
	must(s.t, err)
	_ = c.Quit()
	return r
}

const says = "local cfg = settings { word = \"default\" }\nfunction helo() return reject(\"5.7.1\", cfg.word) end\n"

// One daemon has listeners with scripts of their own, some of which are only observed, and settings for each.
func TestListeners(t *testing.T) {
	s := configured(t, `
listen = ["unix:FOLDER/milter.sock"]
scripts = ["first.lua"]
[listener.outbound]
listen = ["unix:FOLDER/outbound.sock"]
scripts = ["second.lua"]
[listener.watched]
listen = ["unix:FOLDER/watched.sock"]
scripts = ["first.lua"]
mode = "observe"
[script.second]
word = "configured"`, map[string]string{"first.lua": says, "second.lua": says})
	for _, tt := range []struct{ socket, want string }{{"milter.sock", "default"}, {"outbound.sock", "configured"}, {"watched.sock", ""}} {
		if r := s.helo(filepath.Join(s.folder, tt.socket)); r.Text != tt.want {
			t.Errorf("%s: %v; want %q", tt.socket, r, tt.want)
		}
	}
	s.daemon.WaitLine(t, "observed only", `"reply":"550 5.7.1 default"`)
	s.wait("the counts", func() bool { return s.status().Connections == 0 })
	for _, l := range s.status().Listeners {
		script := l.Scripts[0]
		if l.Connections != 1 || len(l.Scripts) != 1 || script.Hooks[0].Verdicts["reject"] != 1 || script.Observe != (l.Name == "watched") {
			t.Errorf("%+v", l)
		}
	}
}

// A canary that fails is rolled back while the rest goes on; one that does not is adopted.
func TestCanary(t *testing.T) {
	s := configured(t, `
listen = ["unix:FOLDER/milter.sock"]
scripts = ["first.lua"]
on_error = "continue"
[reload]
canary = "50%"
canary_time = "2s"`, map[string]string{"first.lua": "function helo() return reject(\"5.7.1\", \"old\") end"})
	path := filepath.Join(s.folder, "first.lua")
	said := map[string]int{}
	say := func(until func(st daemon.Status) bool) {
		t.Helper()
		clear(said)
		s.wait("the canary to be judged", func() bool {
			for range 4 {
				said[s.helo(s.socket).Text]++
			}
			return until(s.status())
		})
	}
	must(t, os.WriteFile(path, []byte("function helo() error(\"oops\") end"), 0o644))
	say(func(st daemon.Status) bool { return st.Reload.RolledBack == 1 })
	if said["old"] == 0 || said[""] < 3 || said["old"] < said[""] {
		t.Errorf("while the canary failed: %v", said)
	}
	s.daemon.WaitLine(t, "the canary failed more often")
	say(func(daemon.Status) bool { return true })
	if said["old"] != 4 {
		t.Errorf("after it failed: %v", said)
	}

	must(t, os.WriteFile(path, []byte("function helo() return reject(\"5.7.1\", \"new\") end"), 0o644))
	say(func(st daemon.Status) bool {
		for _, r := range st.Releases {
			if r.Number == 3 && r.State == "current" {
				return true
			}
		}
		return false
	})
	if said["old"] == 0 || said["new"] == 0 {
		t.Errorf("while the canary was tried: %v", said)
	}
	say(func(daemon.Status) bool { return true })
	if said["new"] != 4 {
		t.Errorf("after it was adopted: %v", said)
	}
}
