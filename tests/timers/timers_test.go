package timers

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"luamilter/luaapi/store"
	"luamilter/protocol"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// patience is how long a test waits for anything.
const patience = 2 * time.Minute

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited too long for %s", what)
}

// daemon starts a daemon with a script, work.lua, and a store. All that share the store agree on its name.
func daemon(t *testing.T, script, url string) (d *mta.Process, socket string) {
	t.Helper()
	dir := mta.Dir(t)
	socket = filepath.Join(dir, "milter.sock")
	config := filepath.Join(dir, "luamilter.toml")
	text := fmt.Sprintf("listen = [%q]\nscripts = [\"work.lua\"]\ndrain = \"30s\"\n[log]\nformat = \"json\"\n[admin]\nlisten = %q\n[store]\nurl = %q\ntimeout = \"1s\"\n",
		"unix:"+socket, "unix:"+filepath.Join(dir, "admin.sock"), url)
	for path, text := range map[string]string{config: text, filepath.Join(dir, "work.lua"): script} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return mta.Daemon(t, mta.Run{Args: []string{"-c", config}}), socket
}

// kept opens the part of a store that belongs to work.lua.
func kept(t *testing.T, url string) store.Space {
	t.Helper()
	at, err := store.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenRedis(at, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return store.Space{Store: r, Name: "work"}
}

// countTurns counts each turn under a key of its own.
const countTurns = `
local timer, store = require "timer", require "store"
timer.every("1s", function(turn)
  store.incr(("turn %d"):format(turn), 1, "1h", { on_error = "fail" })
  log.info("ran")
end, { name = "count" })
`

// runs returns how often each turn from a time on was run, and how many were.
func runs(t *testing.T, s store.Space, from int64) (times map[int64]int, ran int) {
	t.Helper()
	times = map[int64]int{}
	for turn := from; turn <= time.Now().Unix()+1; turn++ {
		v, found, err := s.Get(t.Context(), fmt.Sprintf("turn %d", turn))
		if err != nil {
			t.Fatal(err)
		}
		if found {
			times[turn] = int(v.Number)
			ran++
		}
	}
	return times, ran
}

// Two daemons share a Redis, one is killed, another begins: each turn is run once, by one of them.
func TestOnceInTheCluster(t *testing.T) {
	url := "redis://" + mta.Redis(t).Addr
	s := kept(t, url)
	from := time.Now().Unix()
	first, _ := daemon(t, countTurns, url)
	second, _ := daemon(t, countTurns, url)
	await := func(turns int) {
		t.Helper()
		eventually(t, fmt.Sprint(turns, " turns"), func() bool { _, ran := runs(t, s, from); return ran >= turns })
	}
	await(8)
	first.Kill(t)
	await(15) // by the second alone
	third, _ := daemon(t, countTurns, url)
	await(22)
	second.Stop(t)
	await(26)
	third.Stop(t)
	times, ran := runs(t, s, from)
	for turn, n := range times {
		if n != 1 {
			t.Errorf("the turn %d was run %d times", turn, n)
		}
	}
	said := 0
	for _, d := range []*mta.Process{first, second, third} {
		said += strings.Count(d.Log(), `"message":"ran"`)
	}
	if said > ran || said < ran-1 { // what was killed may have counted and not logged any more
		t.Errorf("%d turns were run, and %d logged", ran, said)
	}
}

// Without the Redis turns are left out, which the log says once, and so for its return; timers that may, run in each daemon.
func TestStoreIsAway(t *testing.T) {
	const script = countTurns + `
timer.every("1s", function() log.info("ran alone") end, { name = "alone", on_error = "run" })
`
	server := mta.Redis(t)
	d, _ := daemon(t, script, "redis://"+server.Addr)
	count := func(text string) int { return strings.Count(d.Log(), text) }
	eventually(t, "the first turns", func() bool { return count(`"message":"ran"`) > 0 && count("ran alone") > 0 })
	server.Suspend(t)
	d.WaitLine(t, "the store does not tell which daemon runs a timer")
	ran, alone := count(`"message":"ran"`), count("ran alone")
	eventually(t, "turns alone", func() bool { return count("ran alone") >= alone+3 })
	if n := count(`"message":"ran"`); n > ran {
		t.Errorf("%d turns were run while nobody knew whose they are", n-ran)
	}
	server.Resume(t)
	d.WaitLine(t, "the store tells again which daemon runs a timer")
	eventually(t, "turns as before", func() bool { return count(`"message":"ran"`) > ran })
	if n := count("the store does not tell which daemon runs a timer"); n != 1 {
		t.Errorf("the outage was told %d times", n)
	}
}

// hold opens a connection of an MTA, which keeps a daemon from ending.
func hold(t *testing.T, socket string) *protocol.Client {
	t.Helper()
	nc, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.NewClient(nc, time.Minute)
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	return c
}

// A daemon that hands over runs no more timers, although it still has a session; and what runs at the start does not run again.
func TestHandOver(t *testing.T) {
	const script = `
local timer = require "timer"
timer.every("30d", function() log.info("started") end, { at_start = true })
timer.every("1s", function(turn) log.info(("turn %d."):format(turn)) end)
function helo() end
`
	mta.Adopt(t)
	d, socket := daemon(t, script, "memory:")
	d.WaitLine(t, "started")
	d.WaitLine(t, "turn ")
	session := hold(t, socket)
	d.Signal(t, syscall.SIGUSR2)
	successor := d.Successor(t)
	settled := time.Now().Unix() + 2 // turns before this may be of either process
	eventually(t, "turns of the successor", func() bool {
		return strings.Contains(d.Log(), fmt.Sprintf("turn %d.", settled+5))
	})
	for turn := settled; turn <= settled+4; turn++ {
		if n := strings.Count(d.Log(), fmt.Sprintf("turn %d.", turn)); n > 1 {
			t.Errorf("the turn %d was run %d times", turn, n)
		}
	}
	if n := strings.Count(d.Log(), `"message":"started"`); n != 1 {
		t.Errorf("what runs at the start ran %d times", n)
	}
	if err := session.Quit(); err != nil {
		t.Error(err)
	}
	d.Ended(t)
	successor.Stop(t)
}
