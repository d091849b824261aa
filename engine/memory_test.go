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
	m.budgets[b] = 0
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
		{"much garbage", 1500 * mib, 300 * mib, true, []int{500 * mib}, "-", memoryFine},
		{"much was alive, but who knows now", 1500 * mib, 1300 * mib, false, []int{500 * mib}, "-", memoryFine},
		{"over a quarter is alive, and a hook took an eighth", 1500 * mib, 500 * mib, true, []int{100 * mib, 250 * mib, 300 * mib}, "--x", memoryFine},
		{"over a quarter is alive, and no hook took much", 1500 * mib, 500 * mib, true, []int{100 * mib, 150 * mib}, "--", memoryFine},
		{"over half is alive, and a hook took a sixteenth", 1500 * mib, 900 * mib, true, []int{150 * mib, 90 * mib}, "x-", memoryFine},
		{"over half is alive, and no hook took much", 1500 * mib, 900 * mib, true, []int{90 * mib, 80 * mib}, "--", memoryFine},
		{"much is alive: the greediest hook", 1500 * mib, 1300 * mib, true, []int{200 * mib, 300 * mib, 10 * mib}, "-x-", memoryFine},
		{"much is alive, and no hook is to blame", 1500 * mib, 1300 * mib, true, []int{20 * mib, 10 * mib}, "--", memoryShort},
		{"over the limit: every hook that takes anything", 1700 * mib, 1300 * mib, false, []int{200 * mib, 10 * mib, 1 << 10}, "xx-", memoryNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMemory(1600 * mib)
			m.collected = time.Now()
			h := heap{used: c.used, live: c.live, cycle: 7}
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

// What messages take is reserved, and no reason to blame a hook.
func TestReservedIsNoReason(t *testing.T) {
	m := NewMemory(1600 << 20)
	m.collected = time.Now()
	if !m.reserve(300 << 20) {
		t.Fatal("there is no room")
	}
	hook := running(m, 500<<20)
	for cycle := range int64(3) {
		m.look(heap{used: 600 << 20, live: 600 << 20, cycle: 7 + cycle}, zerolog.Nop())
	}
	if stopped(hook) {
		t.Error("the hook is stopped")
	}
}

// What the process allocates and nobody counts is charged to those that are at it, in parts like those that are counted; and not to
// those that wait.
func TestUncountedIsShared(t *testing.T) {
	const mib = 1 << 20
	m := NewMemory(1600 * mib)
	one, three, waiting := running(m, 1*mib), running(m, 3*mib), running(m, 5*mib)
	m.charge(heap{total: 9 * mib}) // as is known
	for _, c := range []struct{ allocated, one, three int64 }{
		{4, 0, 0},
		{3, 0, 0}, // less than was counted: what is counted is only roughly right
		{12, 2, 6},
		{1000, 15, 45}, // too much for these to have done it
	} {
		before := []int64{one.Used(), three.Used()}
		one.Count(1 * mib)
		three.Count(3 * mib)
		_, _ = one.Look(), three.Look()
		m.charge(heap{total: m.allocated + c.allocated*mib})
		if a, b := one.Used()-before[0]-1*mib, three.Used()-before[1]-3*mib; a != c.one*mib || b != c.three*mib {
			t.Errorf("of %d MiB, %d and %d are charged in bytes, want %d and %d in MiB", c.allocated, a, b, c.one, c.three)
		}
	}
	if waiting.Used() != 5*mib {
		t.Errorf("who waits is charged %d bytes", waiting.Used()-5*mib)
	}
	one.End()
	if one.Used() != 0 {
		t.Error("the charge stays after the hook")
	}
}

// There may be the more garbage the less is alive, and never more than there is room for.
func TestGarbage(t *testing.T) {
	const mib = 1 << 20
	m := NewMemory(1600 * mib)
	for _, c := range []struct{ live, percent int }{
		{1, 2000}, {10, 1000}, {20, 500}, {50, 400}, {256, 400}, {640, 100}, {1000, 33}, {1280, 33}, {1600, 33},
	} {
		if got := m.garbage(int64(c.live) * mib); got != c.percent {
			t.Errorf("%d MiB alive: %d %%, want %d", c.live, got, c.percent)
		}
	}
	if got := m.garbage(0); got != maxPercent {
		t.Errorf("nothing alive: %d %%", got)
	}
}

// A hook may take some at once, and its share of a steady rate.
func TestAllowance(t *testing.T) {
	const mib = 1 << 20
	m := NewMemory(1600 * mib)
	if a := m.allowance(time.Second); a != (50+200)*mib {
		t.Errorf("alone: %d MiB", a/mib)
	}
	for range 4 {
		running(m, 60*mib)
	}
	running(m, 40*mib)
	m.charge(heap{})
	if a := m.allowance(time.Second); a != (50+50)*mib {
		t.Errorf("beside three others: %d MiB", a/mib)
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
	if line := fmt.Sprint(r.log.at("warn")[0]["message"]); !strings.Contains(line, "conn holds more than the ") {
		t.Error(line)
	}
	c.dialog("quit")
	r.ended()
	if n := m.kept.Load(); n != 0 {
		t.Errorf("%d bytes are still reserved", n)
	}
}
