package store

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// script does what the name in HELO says: "set KEY", "get KEY", "count".
const script = `
local store = require "store"
local always = { on_error = "fail" }

function helo(conn, name)
  local what, key = name:match("^(%w+) ?(.*)$")
  if what == "set" then
    store.set(key, "value of " .. key, always)
    store.incr("count", 1, always)
  elseif what == "get" then
    if store.get(key, always) ~= "value of " .. key then return reject("lost is " .. key) end
  else
    return reject(tostring(store.get("count", always)))
  end
end
`

// filter is a configured daemon with the script.
type filter struct {
	socket, url string
	run         mta.Run
}

// newFilter writes the script and a configuration with a store at that URL; FOLDER in it is a folder of its own.
func newFilter(t *testing.T, url string) filter {
	t.Helper()
	dir := mta.Dir(t)
	f := filter{socket: filepath.Join(dir, "milter.sock"), url: strings.ReplaceAll(url, "FOLDER", dir)}
	config := filepath.Join(dir, "luamilter.toml")
	text := fmt.Sprintf("listen = [%q]\nscripts = [\"filter.lua\"]\nsandbox = true\n[log]\nformat = \"json\"\n[admin]\nlisten = %q\n[store]\nurl = %q\ntimeout = \"5s\"\n",
		"unix:"+f.socket, "unix:"+filepath.Join(dir, "admin.sock"), f.url)
	for path, text := range map[string]string{config: text, filepath.Join(dir, "filter.lua"): script} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f.run = mta.Run{Args: []string{"-c", config}}
	return f
}

// dial connects to the daemon, as far as a helo may come.
func (f filter) dial(t *testing.T) *protocol.Client {
	t.Helper()
	conn, err := net.Dial("unix", f.socket)
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.NewClient(conn, time.Minute)
	t.Cleanup(func() { c.Close() })
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	return c
}

// do has the script do something; what it says is "" if it goes on.
func do(c *protocol.Client, what string) (said string, err error) {
	r, err := c.Send(&protocol.Helo{Name: []byte(what)})
	if err != nil || r.Verdict == protocol.Continue {
		return "", err
	}
	return r.Verdict.String() + " " + r.Text, nil // of an error in the script the text is empty
}

// count returns how often something was set.
func (f filter) count(t *testing.T) int {
	t.Helper()
	said, err := do(f.dial(t), "count")
	n, err2 := strconv.Atoi(strings.TrimPrefix(said, "reject "))
	if err != nil || err2 != nil {
		t.Fatalf("the count is %q, %v", said, err)
	}
	return n
}

// writers set keys on connections of their own, until these end or they are told to.
type writers struct {
	kept    []map[string]bool // what was answered, by writer
	sent    atomic.Int64
	answers atomic.Int64
	enough  atomic.Bool
	wg      sync.WaitGroup
}

const numWriters = 16

// begin has writers write keys that begin with name.
func (f filter) begin(t *testing.T, name string) *writers {
	t.Helper()
	w := &writers{}
	for i := range numWriters {
		c, kept := f.dial(t), map[string]bool{}
		w.kept = append(w.kept, kept)
		w.wg.Go(func() {
			for n := 0; !w.enough.Load(); n++ {
				key := fmt.Sprint(name, "-", i, "-", n)
				w.sent.Add(1)
				said, err := do(c, "set "+key)
				if err != nil {
					return // it was killed
				}
				if said != "" {
					t.Errorf("set %s: %s", key, said)
					return
				}
				kept[key] = true
				w.answers.Add(1)
			}
			_ = c.Quit()
		})
	}
	return w
}

// await waits until there are so many answers.
func (w *writers) await(t *testing.T, answers int64) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); w.answers.Load() < answers; time.Sleep(time.Millisecond) {
		if time.Now().After(end) || t.Failed() {
			t.Fatalf("only %d answers of %d came", w.answers.Load(), answers)
		}
	}
}

// end ends the writing.
func (w *writers) end() {
	w.enough.Store(true)
	w.wg.Wait()
}

// verify has the daemon look for all that was answered.
func (f filter) verify(t *testing.T, all ...*writers) {
	t.Helper()
	c := f.dial(t)
	for _, w := range all {
		for _, kept := range w.kept {
			for key := range kept {
				if said, err := do(c, "get "+key); said != "" || err != nil {
					t.Fatalf("get %s: %q %v", key, said, err)
				}
			}
		}
	}
}

// TestKill kills the daemon twice with SIGKILL while 16 connections write: of more than 10,000 writes that were answered none is lost.
func TestKill(t *testing.T) {
	f := newFilter(t, "file:FOLDER/state.db")
	var all []*writers
	var sent, answers int64
	for round := range 2 {
		d := mta.Daemon(t, f.run)
		w := f.begin(t, fmt.Sprint("round ", round))
		w.await(t, 5000)
		d.Kill(t)
		w.end()
		all = append(all, w)
		sent, answers = sent+w.sent.Load(), answers+w.answers.Load()
	}
	mta.Daemon(t, f.run)
	f.verify(t, all...)
	if n := int64(f.count(t)); n < answers || n > sent {
		t.Errorf("counted are %d writes; %d were answered of %d sent", n, answers, sent)
	}
	t.Logf("%d writes were answered, and are there", answers)
}

// TestTakeover replaces the daemon by SIGUSR2 while connections of the old one write, and then others of the new one, and both at a time.
func TestTakeover(t *testing.T) {
	mta.Adopt(t)
	for _, url := range []string{"file:FOLDER/state.db", "redis"} {
		t.Run(url, func(t *testing.T) {
			if url == "redis" {
				url = "redis://" + mta.Redis(t).Addr
			}
			f := newFilter(t, url)
			f.run.Program = mta.Static(t) // in the sandbox, only such a binary can be started again
			old := mta.Daemon(t, f.run)
			before := f.begin(t, "before")
			before.await(t, 100)
			old.Signal(t, syscall.SIGUSR2)
			old.Successor(t)
			had := before.answers.Load()
			after := f.begin(t, "after")
			before.await(t, had+50)
			after.await(t, 50)
			before.end()
			old.Ended(t)
			had = after.answers.Load()
			after.await(t, had+50)
			after.end()
			f.verify(t, before, after)
			if n, want := int64(f.count(t)), before.answers.Load()+after.answers.Load(); n != want {
				t.Errorf("%d writes are counted, %d were answered", n, want)
			}
		})
	}
}

// TestSecondDaemon starts a daemon with a store that another one has: it says so, and ends.
func TestSecondDaemon(t *testing.T) {
	f := newFilter(t, "file:FOLDER/state.db")
	mta.Daemon(t, f.run)
	second := newFilter(t, f.url)
	out, err := exec.Command(mta.Luamilter(t), append([]string{"run"}, second.run.Args...)...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another process has the file; stop it, or give each its own file in store.url") {
		t.Errorf("it ends with %v and says:\n%s", err, out)
	}
}
