package site

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// TestSite does to each part what happens to it in its life, while mail flows. Where a daemon is killed, some clients are told to try again; nowhere else
// is anybody. Each message is delivered once in the end.
func TestSite(t *testing.T) {
	mta.NeedRoot(t, "Postfix and Sendmail can be started by root only")
	mta.Adopt(t)
	s := newSite(t)
	s.begin("nothing", false)
	s.flows(s.filters...)
	for _, f := range s.filters {
		s.kill(f)
	}
	s.terminate(s.filters[0])
	s.replace(s.filters[1])
	s.reload()
	s.limit("limited-before@example.com", burst)
	failing := s.failOver()
	s.limit("limited-before@example.com", 0)
	s.limit("limited-after@example.com", burst)
	s.awaitRedis(s.primary, "role:slave")
	s.awaitRedis(s.primary, "master_link_status:up")
	s.settle()
	s.refusals()
	s.shared(failing)
	s.tell()
	successor := s.filters[1].daemon // the others end without notice anyway
	successor.Terminate()
	successor.Signal(t, syscall.SIGTERM)
}

// begin begins a story, when no session is open any more that began before.
func (s *site) begin(name string, refuses bool) (phase int) {
	s.t.Helper()
	phase = s.traffic.next()
	s.t.Logf("%s: %s", time.Now().Format("15:04:05.0"), name)
	s.books.stories = append(s.books.stories, story{name, phase, refuses})
	await(s.t, "the sessions of before end", func() bool { return s.traffic.alone(phase) })
	return phase
}

// flows waits until each mail server has accepted mail of sessions that begin from now on, and until each of the given filters has let some of
// that pass.
func (s *site) flows(filters ...*filter) {
	s.t.Helper()
	s.await("mail flows", func(mark) bool { return true }, filters)
}

// counts waits until each filter has counted a message of a session that begins from now on.
func (s *site) counts() {
	s.t.Helper()
	s.await("messages are counted", func(m mark) bool { return m.number > 0 }, s.filters)
}

func (s *site) await(what string, good func(mark) bool, filters []*filter) {
	s.t.Helper()
	phase := s.traffic.next()
	await(s.t, what, func() bool {
		s.collect()
		seen := map[string]int{}
		s.traffic.mu.Lock()
		defer s.traffic.mu.Unlock()
		for id, marks := range s.books.delivered {
			if m := s.traffic.messages[id]; m != nil && m.phase >= phase && good(marks[0]) {
				seen[m.server]++
				seen[marks[0].filter]++
			}
		}
		enough := true
		for _, server := range s.servers {
			enough = enough && seen[server.Name] >= 10
		}
		for _, f := range filters {
			enough = enough && seen[f.name] >= 3
		}
		return enough
	})
}

// kill kills a daemon, sees that the others do its work, and starts it again.
func (s *site) kill(f *filter) {
	s.t.Helper()
	s.begin("SIGKILL to "+f.name, true)
	sessions := s.hold()
	f.daemon.Kill(s.t)
	s.finish(sessions)
	var others []*filter
	for _, other := range s.filters {
		if other != f {
			others = append(others, other)
		}
	}
	s.flows(others...)
	s.startAgain(f)
	s.flows(s.filters...)
}

// terminate stops a daemon and starts it again. It takes mail until haproxy has noticed, and goes when its sessions are over.
func (s *site) terminate(f *filter) {
	s.t.Helper()
	s.begin("SIGTERM to "+f.name, false)
	sessions := s.hold()
	f.daemon.Terminate()
	s.balancer.AwaitBackend(s.t, f.name, "DOWN")
	s.flows()
	await(s.t, "the daemon takes nobody any more", func() bool {
		conn, err := net.Dial("tcp", f.addr)
		if err != nil {
			return true
		}
		conn.Close()
		return false
	})
	s.finish(sessions)
	f.daemon.Ended(s.t)
	s.startAgain(f)
	s.flows(s.filters...)
}

// replace has a daemon hand over to a new process.
func (s *site) replace(f *filter) {
	s.t.Helper()
	s.begin("SIGUSR2 to "+f.name, false)
	sessions := s.hold()
	f.daemon.Signal(s.t, syscall.SIGUSR2)
	old := f.daemon
	f.daemon = old.Successor(s.t)
	s.flows(s.filters...)
	s.finish(sessions)
	old.Ended(s.t)
	s.flows(s.filters...)
}

// reload has haproxy read its configuration anew, twice, while the first old worker still has sessions.
func (s *site) reload() {
	s.t.Helper()
	for name, b := range s.balancer.Backends(s.t) {
		s.t.Logf("%s had %d connections; %d went elsewhere because it did not take them", name, b.Connections, b.Redispatch)
	}
	s.begin("haproxy is reloaded twice", false)
	sessions := s.hold()
	for range 2 {
		s.balancer.Reload(s.t)
		s.flows(s.filters...)
	}
	s.finish(sessions)
}

// failOver kills the primary of Redis, waits until its replica does its work, and starts it again.
func (s *site) failOver() (phase int) {
	s.t.Helper()
	phase = s.begin("SIGKILL to Redis' primary", false)
	sessions := s.hold()
	s.primary.Kill(s.t)
	s.finish(sessions)
	s.flows(s.filters...)
	s.awaitRedis(s.replica, "role:master")
	s.counts()
	if !s.uncounted(phase) {
		s.t.Error("all messages were counted, though the store was away: the test proves nothing")
	}
	s.startPrimary() // empty, as after the loss of a disk
	return phase
}

// uncounted reports whether a message was delivered since a phase that no filter could count.
func (s *site) uncounted(phase int) bool {
	s.traffic.mu.Lock()
	defer s.traffic.mu.Unlock()
	for id, marks := range s.books.delivered {
		if m := s.traffic.messages[id]; m != nil && m.phase >= phase && marks[0].number == 0 {
			return true
		}
	}
	return false
}

// burst is how many messages a sender may send, as the page has it.
const burst = 50

// limit has a sender send more than it may, through all mail servers at a time, and checks how many are accepted.
func (s *site) limit(sender string, want int64) {
	s.t.Helper()
	s.begin(fmt.Sprintf("%d messages of %s", burst+30, sender), false)
	var accepted, number atomic.Int64
	var workers sync.WaitGroup
	for i := range 4 {
		server := s.servers[i%len(s.servers)]
		workers.Go(func() {
			for range (burst + 30) / 4 {
				m := s.traffic.message(server, fmt.Sprintf("%s-%d-%d", sender, want, number.Add(1)), sender)
				rest, err := s.traffic.session(server.Addr, []*message{m})
				if err != nil {
					s.t.Errorf("%s: %v", m.id, err)
				}
				if len(rest) == 0 {
					accepted.Add(1)
				}
			}
		})
	}
	workers.Wait()
	if accepted.Load() != want {
		s.t.Errorf("%d messages of %s were accepted, want %d", accepted.Load(), sender, want)
	}
}

// held is a session that stands still when its recipient is accepted.
type held struct {
	client *mta.Client
	server *mta.Server
	phase  int
	*message
}

// perServer is how many sessions are held at each mail server, so that each filter has some.
const perServer = 4

// hold begins sessions.
func (s *site) hold() []held {
	s.t.Helper()
	var sessions []held
	for _, server := range s.servers {
		for i := range perServer {
			phase := s.traffic.begin()
			id := fmt.Sprintf("held-%s-%d-%d", server.Name, phase, i)
			h := held{mta.Dial(s.t, server.Addr), server, phase, s.traffic.message(server, id, id+"@example.com")}
			h.client.Expect("EHLO client.example", "250")
			h.client.Expect("MAIL FROM:<"+h.sender+">", "250")
			h.client.Expect("RCPT TO:<reader@dest.example>", "250")
			sessions = append(sessions, h)
		}
	}
	return sessions
}

// finish sends the messages of sessions that were held, again if need be.
func (s *site) finish(sessions []held) {
	s.t.Helper()
	for _, h := range sessions {
		line := "DATA"
		reply := h.client.Command(line)
		if strings.HasPrefix(reply, "354") {
			line = text(h.id)
			reply = h.client.Message(line)
		}
		h.client.Drop()
		s.traffic.over(h.phase)
		if strings.HasPrefix(reply, "250") {
			s.traffic.accepted(h.message, h.phase)
			continue
		}
		err := s.traffic.refused(h.message, h.phase, line, reply)
		if err == nil {
			err = s.traffic.send(h.server, []*message{h.message})
		}
		if err != nil {
			s.t.Errorf("%s: %v", h.id, err)
		}
	}
}
