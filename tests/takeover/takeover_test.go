// Package takeover replaces, kills, reloads and stops luamilter while mail goes through a real Postfix, in the ways that an
// administrator and systemd do it, and sees what became of every message.
package takeover

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// marker is a script that leaves a mark in every message. One with a field X-Slow takes a while, and the log tells when it begins.
func marker(word string) string {
	return `-- Mark each message.
local log = require "log"
local time = require "time"
function eom(conn, msg)
  if msg:header("X-Slow") then
    log.info("slowly")
    time.sleep(0.5)
  end
  msg:add_header("X-Mark", "` + word + `")
end
`
}

// broken is a script that cannot be compiled.
const broken = "function eom(conn, msg\n"

// filter is a luamilter to be run, with a configuration and a script in a folder of their own.
type filter struct {
	script, config, admin string // paths
}

// newFilter writes them. It takes up a changed script only when it is told to; more is added to the configuration's first lines.
func newFilter(t *testing.T, listen, mark string, more ...string) filter {
	t.Helper()
	dir := mta.Dir(t)
	f := filter{filepath.Join(dir, "filter.lua"), filepath.Join(dir, "luamilter.toml"), filepath.Join(dir, "admin.sock")}
	f.write(t, marker(mark))
	lines := append([]string{fmt.Sprintf("listen = [%q]", listen), `scripts = ["filter.lua"]`}, more...)
	lines = append(lines, "[log]", "messages = false", "[reload]", "watch = false", `poll = "0s"`, "[admin]", fmt.Sprintf("listen = %q", "unix:"+f.admin), "")
	put(t, f.config, strings.Join(lines, "\n"))
	return f
}

// write changes the script in one step.
func (f filter) write(t *testing.T, text string) {
	t.Helper()
	put(t, f.script+".new", text)
	if err := os.Rename(f.script+".new", f.script); err != nil {
		t.Fatal(err)
	}
}

// run is how it is started.
func (f filter) run() mta.Run { return mta.Run{Args: []string{"-c", f.config}} }

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// socket is a kind of socket between Postfix and luamilter.
type socket struct {
	name string
	spec func(testing.TB) string
}

var sockets = []socket{{"unix", mta.UnixSpec}, {"inet", mta.InetSpec}}

// site is a Postfix with a filter, and what comes behind it.
type site struct {
	server *mta.Server
	sink   *mta.Sink
}

// newSite starts a Postfix that does what failure says while the filter at spec is away.
func newSite(t *testing.T, spec string, failure mta.Failure) site {
	t.Helper()
	sink := mta.NewSink(t)
	return site{mta.Postfix(t, mta.Options{
		Filters: []mta.Filter{{Milter: spec, Failure: failure}},
		Relay:   sink.Addr,
		Lines:   []string{"smtp_connection_cache_on_demand = no"}, // needs a program that it has not; it warns of that
	}), sink}
}

// needPostfix ends the test where there can be no site.
func needPostfix(t *testing.T) {
	t.Helper()
	mta.NeedRoot(t, "Postfix can be started by root only")
	mta.NeedProgram(t, "postfix")
}

// quiet checks that Postfix had nothing to complain of, and refused nothing.
func (s site) quiet(t *testing.T) {
	t.Helper()
	for line := range strings.Lines(s.server.Log(t)) {
		if strings.Contains(line, "file system clock") || strings.Contains(line, "resetting file time stamps") {
			continue // the machine's clocks, nothing of ours
		}
		for _, bad := range []string{"warning:", "error:", "fatal:", "panic:", "reject", "milter"} {
			if strings.Contains(strings.ReplaceAll(line, "luamilter-", ""), bad) { // the folder's name
				t.Errorf("Postfix: %s", line)
				break
			}
		}
	}
}
