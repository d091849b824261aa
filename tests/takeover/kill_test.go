package takeover

import (
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// TestKill kills the daemon with SIGKILL while mail flows, at every point of a session, and starts it again on the socket that the dead one
// has left. What a client was told holds: what was accepted is delivered once, what was not is not. Where Postfix is told to refuse
// mail without its filter, nothing passes unfiltered; where it is told to accept, clients notice nothing.
func TestKill(t *testing.T) {
	needPostfix(t)
	for _, s := range sockets {
		for _, failure := range []mta.Failure{mta.Tempfail, mta.Accept} {
			t.Run(s.name+", "+string(failure), func(t *testing.T) { kill(t, s.spec(t), failure) })
		}
	}
}

func kill(t *testing.T, spec string, failure mta.Failure) {
	f := newFilter(t, spec, "one")
	d := mta.Daemon(t, f.run())
	at := newSite(t, spec, failure)
	r := newTraffic(t, at.server.Addr)
	before := r.next()
	r.await(t, 20, before, true)
	sessions := hold(t, at.server.Addr, before, d)
	d.Kill(t)
	away := r.next()
	sent := finish(sessions)
	r.await(t, 20, away, failure == mta.Accept)
	starting := r.next()
	f.write(t, marker("two"))
	mta.Daemon(t, f.run())
	after := r.next()
	r.await(t, 40, after, true)
	b := at.settle(t, append(sent, r.end(t)...))

	b.refusedOnlyForNow(t)
	b.marked(t, after, "two")
	if failure == mta.Accept {
		b.allAccepted(t)
		b.marked(t, before, "one", "")
		b.marked(t, away, "")
		b.markedIfAny(t, starting, "", "two")
		return
	}
	b.marked(t, before, "one")
	b.markedIfAny(t, away) // there is none
	b.markedIfAny(t, starting, "two")
	for _, m := range b.sent {
		if m.phase == after && !m.accepted() {
			t.Errorf("%s was refused when the filter was there again: %q", m.id, m.reply)
		}
	}
}

// refusedOnlyForNow checks that clients that were refused were told to try again.
func (b books) refusedOnlyForNow(t *testing.T) {
	t.Helper()
	for _, m := range b.sent {
		if !m.accepted() && !strings.HasPrefix(m.reply, "4") {
			t.Errorf("%s, phase %d: reply %q", m.id, m.phase, m.reply)
		}
	}
}
