package takeover

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"luamilter/daemon"
	"luamilter/tests/mta"
)

// TestReload changes the script while mail flows. A broken one changes nothing, in whatever way it is to be taken up; a sound one is used by
// the sessions that begin then. No client and no mail server notices.
func TestReload(t *testing.T) {
	needPostfix(t)
	spec := mta.UnixSpec(t)
	f := newFilter(t, spec, "one")
	d := mta.Daemon(t, f.run())
	at := newSite(t, spec, mta.Tempfail)
	r := newTraffic(t, at.server.Addr)
	k := newKnocks(address(t, spec))
	first := r.next()
	r.await(t, 20, first, true)
	sessions := hold(t, at.server.Addr, first, d)

	f.write(t, broken)
	d.Signal(t, syscall.SIGHUP)
	d.WaitLine(t, `"level":"error"`, `"cause":"signal"`, "not reloaded, what ran before goes on", "filter.lua:")
	if err := reload(t, f); err == nil || !strings.Contains(err.Error(), "filter.lua:") {
		t.Errorf("luamilter reload, of a broken script: %v", err)
	}
	d.Signal(t, syscall.SIGUSR2)
	d.WaitLine(t, `"level":"error"`, "the new process did not get ready; this one goes on", "it ended before it was ready", "exit status 1")
	if said := plain(d); len(said) != 3 || !strings.HasPrefix(said[0], "luamilter: ") || !strings.Contains(said[0], "filter.lua:1") {
		t.Errorf("the process that was to be the successor said %q, want the place and two lines that show it", said)
	}
	spoilt := r.next()
	r.await(t, 20, spoilt, true)

	f.write(t, marker("two"))
	during := r.next()
	d.Signal(t, syscall.SIGHUP)
	d.WaitLine(t, `"cause":"signal"`, `"message":"reloaded"`)
	second := r.next()
	r.await(t, 20, second, true)
	f.write(t, marker("three"))
	again := r.next()
	if err := reload(t, f); err != nil {
		t.Errorf("luamilter reload: %v", err)
	}
	third := r.next()
	r.await(t, 20, third, true)

	sent := finish(sessions)
	k.end(t)
	b := at.settle(t, append(sent, r.end(t)...))
	b.allAccepted(t)
	b.marked(t, first, "one") // also those that were sent after the last reload, in sessions from before
	b.marked(t, spoilt, "one")
	b.markedIfAny(t, during, "one", "two")
	b.marked(t, second, "two")
	b.markedIfAny(t, again, "two", "three")
	b.marked(t, third, "three")
	at.quiet(t)
}

// reload does what luamilter reload does.
func reload(t *testing.T, f filter) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := daemon.NewClient(f.admin).Reload(ctx)
	return err
}

// status asks the daemon that serves the control socket.
func status(t *testing.T, f filter) daemon.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := daemon.NewClient(f.admin).Status(ctx)
	if err != nil {
		t.Errorf("luamilter status: %v", err)
	}
	return s
}

// plain are the lines in the log of a daemon that are no JSON: what the program says when it cannot start.
func plain(d *mta.Process) []string {
	lines := strings.Split(strings.TrimSpace(d.Log()), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return json.Valid([]byte(line)) })
}

// began is when the daemon began that answers on the control socket.
func began(t *testing.T, f filter) time.Time { return status(t, f).Began }
