package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"luamilter/replay"
)

// asks looks something up of most kinds, and says in the header what came of it.
const asks = `
local http, map, store = require "http", require "map", require "store"
local known = map.domain("known.txt")
local cfg = settings { url = "" }

function eom(conn, msg)
  local answer, why = http.get(cfg.url)
  msg:add_header("X-Answer", answer and answer.body or why)
  http.post{ url = cfg.url, body = "do something" }
  http.later{ url = cfg.url }
  msg:add_header("X-Known", tostring((known:has("example.org"))))
  msg:add_header("X-Count", store.incr("seen"))
end
`

// askingMail is a folder with a configuration, scripts, and a web server; asked counts what the server is asked.
func askingMail(t *testing.T, script string) (dir string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		fmt.Fprintf(w, "%s of %d", r.Method, asked.Load())
	}))
	t.Cleanup(server.Close)
	dir = t.TempDir()
	for name, text := range map[string]string{
		"asks.lua": script, "known.txt": "example.org\n", "letter.eml": "From: a@example.org\nTo: b@example.net\nSubject: x\n\nhello\n",
		"luamilter.toml": fmt.Sprintf("scripts = [\"asks.lua\"]\n[http]\nallow = [\"127.0.0.1\"]\n[script.asks]\nurl = %q\n", server.URL),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, asked
}

// replayed plays the message of askingMail and returns what became of it.
func replayed(t *testing.T, dir string, flags ...string) *replay.Message {
	t.Helper()
	args := append([]string{"replay", "--json", "-c", filepath.Join(dir, "luamilter.toml")}, flags...)
	code, stdout, stderr := run(append(args, filepath.Join(dir, "letter.eml"))...)
	var m replay.Message
	first, _, _ := strings.Cut(stdout, "\n")
	if err := json.Unmarshal([]byte(first), &m); err != nil || code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %v\n%s\n%s", code, err, stdout, stderr)
	}
	return &m
}

// summaryOf are changes and lookups, one a line, without the address of the server.
func summaryOf(m *replay.Message) string {
	var all []string
	for _, c := range m.Changes {
		all = append(all, c.String())
	}
	for i := range m.Lookups {
		words := strings.Fields(m.Lookups[i].String())
		for i := range words {
			if strings.HasPrefix(words[i], "http://") {
				words[i] = "URL"
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return strings.Join(all, "\n")
}

// Without --live nobody is asked, and the script goes on.
func TestReplayAsksNobody(t *testing.T) {
	dir, asked := askingMail(t, asks)
	m := replayed(t, dir)
	const want = `add X-Answer: not asked in a replay
add X-Known: true
add X-Count: 1
http GET URL not asked in a replay
http POST URL not asked in a replay
http.later GET URL taken, but never sent from here`
	if got := summaryOf(m); got != want || m.Verdict != "continue" {
		t.Errorf("%s\n%s\nnot\n%s", m.Verdict, got, want)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

// With --live the server is asked, and what would do something is not done.
func TestReplayLive(t *testing.T) {
	dir, asked := askingMail(t, asks)
	m := replayed(t, dir, "--live")
	const want = `add X-Answer: GET of 1
add X-Known: true
add X-Count: 1
http GET URL 200, 8 bytes
http POST URL not sent in a replay: POST may change something
http.later GET URL taken, but never sent from here`
	if got := summaryOf(m); got != want || m.Verdict != "continue" {
		t.Errorf("%s\n%s\nnot\n%s", m.Verdict, got, want)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

// A lookup that fails raises an error where the script wants that.
func TestReplayOnError(t *testing.T) {
	dir, _ := askingMail(t, "local http = require 'http'\nlocal cfg = settings { url = '' }\nfunction eom() http.get{ url = cfg.url, on_error = 'fail' } end\n")
	code, stdout, _ := run("replay", "-c", filepath.Join(dir, "luamilter.toml"), filepath.Join(dir, "letter.eml"))
	for _, want := range []string{"verdict   tempfail at eom", "http.get: not asked in a replay", "asked     http GET http://127.0.0.1"} {
		if code != 1 || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d\n%s\nhas not %s", code, stdout, want)
		}
	}
}

// A script that nobody could answer in the daemon is refused live, as there; played alone it is only told so.
func TestReplayLiveUnconfigured(t *testing.T) {
	dir, _ := askingMail(t, "local clamav = require 'clamav'\nsettings { url = '' }\nfunction eom(conn, msg) msg:add_header('X-Scan', clamav.scan(msg) or 'none') end\n")
	if got := summaryOf(replayed(t, dir)); got != "add X-Scan: none\nclamav: not asked in a replay" {
		t.Error(got)
	}
	code, _, stderr := run("replay", "--live", "-c", filepath.Join(dir, "luamilter.toml"), filepath.Join(dir, "letter.eml"))
	if want := `require "clamav" needs clamav.address in the configuration`; code != 1 || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d\n%s\nhas not %s", code, stderr, want)
	}
}

// Totals of many messages name the kinds.
func TestReplayTotalsOfLookups(t *testing.T) {
	dir, _ := askingMail(t, asks)
	code, stdout, stderr := run("replay", "-c", filepath.Join(dir, "luamilter.toml"), stored(t, 3))
	if want := "lookups of scripts\n  6 http, nobody was asked\n  3 http.later, never sent from here\n"; code != 0 || !strings.Contains(stdout, want) {
		t.Errorf("exit code %d, %s\n%s\nhas not\n%s", code, stderr, stdout, want)
	}
}
