package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi/budget"
)

// running returns a budget of a hook that has taken so much.
func running(m *Memory, bytes int) *budget.Budget {
	b := &budget.Budget{}
	b.Begin(1<<40, time.Hour)
	b.Count(bytes)
	_ = b.Look()
	m.budgets[b] = struct{}{}
	return b
}

func stopped(b *budget.Budget) bool { return b.Look() != nil }

// What the watch does at each size of the heap. The limit is 1,600 MiB.
func TestMemoryLevels(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name       string
		used, live int64
		collected  bool // garbage was collected lately, so that live is what lives
		took       []int
		stopped    string // of each hook
		level      int32
	}{
		{"all is well", 100 * mib, 50 * mib, true, []int{500 * mib}, "-", memoryFine},
		{"much garbage", 1500 * mib, 500 * mib, true, []int{500 * mib}, "-", memoryFine},
		{"much was alive, but who knows now", 1500 * mib, 1300 * mib, false, []int{500 * mib}, "-", memoryFine},
		{"half is alive, and a hook took a quarter", 1500 * mib, 900 * mib, true, []int{200 * mib, 500 * mib, 600 * mib}, "--x", memoryFine},
		{"half is alive, and no hook took much", 1500 * mib, 900 * mib, true, []int{200 * mib, 300 * mib}, "--", memoryFine},
		{"much is alive: the greediest hook", 1500 * mib, 1300 * mib, true, []int{200 * mib, 300 * mib, 10 * mib}, "-x-", memoryFine},
		{"much is alive, and no hook is to blame", 1500 * mib, 1300 * mib, true, []int{20 * mib, 10 * mib}, "--", memoryShort},
		{"over the limit: every hook that takes anything", 1700 * mib, 1300 * mib, false, []int{200 * mib, 10 * mib, 1 << 10}, "xx-", memoryNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMemory(1600 * mib)
			m.collected = time.Now()
			h := heap{c.used, c.live, 7}
			if c.collected {
				m.look(h, zerolog.Nop())
				h.cycle++
			}
			var hooks []*budget.Budget
			for _, took := range c.took {
				hooks = append(hooks, running(m, took))
			}
			m.look(h, zerolog.Nop())
			got := ""
			for _, b := range hooks {
				if stopped(b) {
					got += "x"
				} else {
					got += "-"
				}
			}
			if got != c.stopped || m.level.Load() != c.level {
				t.Errorf("stopped %s at level %d, want %s at level %d", got, m.level.Load(), c.stopped, c.level)
			}
			m.look(heap{}, zerolog.Nop())
			if m.level.Load() != memoryFine {
				t.Error("it stays short")
			}
		})
	}
}

// A hook that is stopped says why.
func TestStoppedForMemory(t *testing.T) {
	m := NewMemory(256 << 20)
	b := running(m, 100<<20)
	m.look(heap{used: 300 << 20}, zerolog.Nop())
	if err := b.Look(); err == nil || err.Error() != "stopped after taking some 100 MiB, because the daemon runs out of its 256 MiB of memory" {
		t.Error(err)
	}
}

// small returns a setup with a limit of memory, and the limit.
func withMemory(bytes int64) (setup, *Memory) {
	s := defaults()
	s.memory = NewMemory(bytes)
	return s, s.memory
}

// While memory is short, new messages are refused for the time being; those that have begun go on.
func TestShortOfMemory(t *testing.T) {
	s, m := withMemory(1 << 30)
	r := s.start(t, `
function rcpt(conn) conn.n = (conn.n or 0) + 1 return continue end
function eom(conn, msg) msg:add_header("X", conn.n) end`)
	c := r.mta()
	c.dialog("mail <a@example.org>\nrcpt <one> -> continue")
	m.level.Store(memoryShort)
	c.dialog(`
		rcpt <two> -> continue
		eom -> continue, ADDHEADER X: 2
		mail <b@example.org>
		rcpt <one> -> tempfail 452 4.3.1 the mail filter is short of memory, try again later
		eom -> tempfail 452 4.3.1 the mail filter is short of memory, try again later`)
	m.level.Store(memoryFine)
	c.dialog("mail <c@example.org>\nrcpt <one> -> continue\neom -> continue, ADDHEADER X: 1")
	noErrors(t, r)
}

// While there is none, hooks do not run, and what scripts keep is let go.
func TestNoMemory(t *testing.T) {
	s, m := withMemory(1 << 30)
	r := s.start(t, `
function connect(conn) conn.kept = "x" return continue end
function rcpt(conn) log.info("rcpt") return continue end
function close(conn) log.info("close") end`)
	c := r.mta()
	c.dialog("connect -> continue\nmail <a@example.org>\nrcpt <one> -> continue")
	m.level.Store(memoryNone)
	const refused = "tempfail 452 4.3.1 the mail filter is short of memory, try again later"
	c.dialog("rcpt <two> -> " + refused + "\nrcpt <three> -> " + refused)
	m.level.Store(memoryFine)
	c.dialog("rcpt <four> -> " + refused + "\nquit") // its data is lost
	r.ended()
	equal(t, "said", r.said(), []string{"rcpt", "close"})
	c = r.mta()
	c.dialog("connect -> continue\nmail <a@example.org>\nrcpt <one> -> continue")
}

// All messages that are collected at a time share a part of the memory.
func TestMemoryOfMessages(t *testing.T) {
	s, m := withMemory(1 << 20)
	r := s.start(t, `function eom(conn, msg) msg:add_header("X", #msg.body) end`)
	chunk := strings.Repeat("x", 30_000)
	one, two := r.mta(), r.mta()
	for _, c := range []*mta{one, two} {
		c.dialog("mail <a@example.org>")
		for range 3 {
			c.dialog("body " + chunk)
		}
	}
	wait(t, "both to be collected", func() bool { return m.kept.Load() == 4*keptStep })
	three := r.mta()
	three.dialog("mail <a@example.org>\nbody " + chunk + "\neom -> tempfail 452 4.3.1 the mail filter is short of memory, try again later")
	one.dialog("eom -> continue, ADDHEADER X: 90000")
	wait(t, "one to be let go", func() bool { return m.kept.Load() == 2*keptStep })
	three.dialog("mail <a@example.org>\nbody " + chunk + "\neom -> continue, ADDHEADER X: 30000")
	two.dialog("abort\nquit")
	one.dialog("quit")
	three.dialog("quit")
	r.ended()
	if n := m.kept.Load(); n != 0 {
		t.Errorf("%d bytes are still reserved", n)
	}
}

// What an idle connection keeps is counted, and too much of it is an error.
func TestMemoryOfIdleConnections(t *testing.T) {
	s, m := withMemory(1 << 20)
	r := s.start(t, `
function mail(conn, sender) conn.text = ("x"):rep(tonumber(sender)) return continue end
function rcpt(conn) return reject(#conn.text .. " bytes") end`)
	c := r.mta()
	c.dialog("mail 10000 -> continue")
	wait(t, "the data to be parked", func() bool { return m.kept.Load() > 10_000 })
	c.dialog("rcpt <b@example.com> -> reject 550 5.7.1 10000 bytes")
	c.dialog("mail 20000 -> continue")
	wait(t, "the error", func() bool { return strings.Contains(r.log.String(), "was lost") })
	c.dialog("rcpt <b@example.com> -> tempfail")
	if line := fmt.Sprint(r.log.at("warn")[0]["message"]); !strings.Contains(line, "conn holds some 20") {
		t.Error(line)
	}
	c.dialog("quit")
	r.ended()
	if n := m.kept.Load(); n != 0 {
		t.Errorf("%d bytes are still reserved", n)
	}
}
