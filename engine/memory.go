package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi/budget"
	"luamilter/protocol"
)

// Memory keeps the process within a limit, so that neither a script nor a flood of mail can end it. Three things do so together:
//
//   - What is kept for others is counted before it is taken (reserve): collected messages, and data of idle connections.
//   - A watch looks at the heap a hundred times a second while it is not small. When more than a quarter of the limit is alive beside what
//     is reserved, a hook that took an eighth is stopped; above half and three quarters, one that took less; and if there is none to
//     blame, new messages are refused for the time being. Above the limit itself, all hooks that have taken anything are stopped, and
//     none begins.
//   - What could grow by more than that between two looks, such as a joined string, is bounded before it is made (luaapi).
//
// The watch also sets how much garbage there may be, so that the heap stays well below the limit: near a limit that Go's collector is told
// (debug.SetMemoryLimit, for the worst), every goroutine that allocates must help it, and mail waits.
type Memory struct {
	Tune bool // whether the watch sets how much garbage there may be (debug.SetGCPercent)

	limit   int64
	kept    atomic.Int64 // reserved
	level   atomic.Int32
	greedy  atomic.Int32 // how many hooks have taken more than each may at once
	mu      sync.Mutex
	budgets map[*budget.Budget]int64 // of all VMs, with what was counted when the watch last looked

	// What the watch remembers.
	collected time.Time // when garbage was last collected for its sake
	percent   int       // of garbage that it allowed last
	suspect   int64     // the collection after which much was alive; 0 while little is
	allocated int64     // by the process until it last looked
}

// The levels of want.
const (
	memoryFine  = iota
	memoryShort // no new messages
	memoryNone  // no hooks
)

// NewMemory returns a Memory with a limit in bytes, 0 for none.
func NewMemory(limit int64) *Memory {
	if limit <= 0 {
		limit = math.MaxInt64
	}
	return &Memory{limit: limit, budgets: map[*budget.Budget]int64{}}
}

// errMemory is why a hook is stopped.
type errMemory struct{ used, limit int64 }

func (e errMemory) Error() string {
	return fmt.Sprintf("stopped after taking some %d MiB, because the daemon runs out of its %d MiB of memory", e.used>>20, e.limit>>20)
}

// outOfMemory is the answer while memory is short. RFC 3463: X.3.1 is a mail system that is full.
var outOfMemory = protocol.Reply{Verdict: protocol.Tempfail, Code: 452, Enhanced: "4.3.1", Text: "the mail filter is short of memory, try again later"}

// add has the watch know of a VM.
func (m *Memory) add(v *vm) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.budgets[v.budget] = 0
}

// remove has it forget the VM.
func (m *Memory) remove(v *vm) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.budgets, v.budget)
}

// reserve counts memory that is going to be kept, unless that were too much: a quarter of the limit for all.
func (m *Memory) reserve(bytes int64) bool {
	if m.kept.Add(bytes) <= m.limit/4 {
		return true
	}
	m.kept.Add(-bytes)
	return false
}

// release counts it out again.
func (m *Memory) release(bytes int64) { m.kept.Add(-bytes) }

// share is the most that one connection may keep while it is idle, in bytes.
func (m *Memory) share() int64 { return m.limit / 64 }

// short reports whether new messages must wait.
func (m *Memory) short() bool { return m.level.Load() >= memoryShort }

// State returns the limit in bytes, 0 for none, how much is kept for messages and idle connections, and whether there is enough: fine,
// short (new messages are refused), or none (no hook is called).
func (m *Memory) State() (limit, kept int64, state string) {
	if limit = m.limit; limit == math.MaxInt64 {
		limit = 0
	}
	return limit, m.kept.Load(), [...]string{"fine", "short", "none"}[m.level.Load()]
}

// none reports whether hooks must wait.
func (m *Memory) none() bool { return m.level.Load() >= memoryNone }

// allowance is how much a hook may allocate in some time without being slowed: what it needs at once, and its share of a steady rate.
// Faster than that, the collector would take the processors from other mail, and the watch would come too late.
func (m *Memory) allowance(d time.Duration) int64 {
	share := m.rate() / float64(max(m.greedy.Load(), 1))
	return int64(min(float64(m.atOnce())+share*d.Seconds(), math.MaxInt64/2))
}

// rate is how much hooks that allocate a lot may allocate in a second, all together.
func (m *Memory) rate() float64 { return float64(m.limit) / 8 }

// atOnce is how much a hook may allocate as fast as it can.
func (m *Memory) atOnce() int64 { return m.limit / 32 }

// How often the watch looks while the heap is below a quarter of the limit, and above.
const (
	slowLook = 50 * time.Millisecond
	fastLook = 10 * time.Millisecond
)

// Watch watches until ctx is done.
func (m *Memory) Watch(ctx context.Context, log zerolog.Logger) {
	if m.limit == math.MaxInt64 {
		return
	}
	heap := newHeapReader()
	m.allocated = heap.read().total
	timer := time.NewTimer(slowLook)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		h := heap.read()
		m.tune(h)
		m.charge(h)
		m.look(h, log)
		if h.used < m.limit/4 {
			timer.Reset(slowLook)
		} else {
			timer.Reset(fastLook)
		}
	}
}

// heap is the size of the heap in bytes.
type heap struct {
	used  int64 // garbage included
	live  int64 // what was alive at the last collection
	cycle int64 // how many collections there were
	total int64 // allocated ever
}

// heapReader reads it.
type heapReader struct{ samples []metrics.Sample }

func newHeapReader() heapReader {
	return heapReader{[]metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/allocs:bytes"},
	}}
}

func (r heapReader) read() heap {
	metrics.Read(r.samples)
	value := func(i int) int64 { return int64(r.samples[i].Value.Uint64()) }
	return heap{used: value(0) + value(1), live: value(2), cycle: value(3), total: value(4)}
}

// maxCharge is how much a hook is charged at most for each byte that is counted for it. Tables cost some five times what is counted.
const maxCharge = 15

// charge shares what the process has allocated since the last look, and nobody has counted, among the hooks that are at it: in parts
// like those that are counted. What Lua's tables cost cannot be known at each instruction.
func (m *Memory) charge(h heap) {
	m.mu.Lock()
	defer m.mu.Unlock()
	uncounted := h.total - m.allocated
	m.allocated = h.total
	var sum int64
	for b, last := range m.budgets {
		if now := b.Counted(); now > last {
			sum += now - last
		}
	}
	uncounted -= sum
	greedy := int32(0)
	for b, last := range m.budgets {
		now := b.Counted()
		if grown := now - last; grown > 0 && uncounted > 0 {
			b.Charge(int64(float64(grown) * min(float64(uncounted)/float64(sum), maxCharge)))
		}
		if now != last {
			m.budgets[b] = now
		}
		if b.Used() > m.atOnce() {
			greedy++
		}
	}
	m.greedy.Store(greedy)
}

// How much garbage there may be beside what is alive, in percent.
const (
	minPercent    = 33   // bounds the collector's work: each byte is looked at three times for each that is allocated
	commonPercent = 400  // where there is room
	maxPercent    = 2000 // while little is alive
)

// tune sets how much garbage there may be: a sixteenth of the limit at least, since large bodies soon make as much; and no more than
// fits below four fifths of the limit.
func (m *Memory) tune(h heap) {
	if !m.Tune {
		return
	}
	if percent := m.garbage(h.live); 5*abs(percent-m.percent) > m.percent {
		m.percent = percent
		debug.SetGCPercent(percent)
	}
}

// garbage returns how much there may be, in percent of what is alive.
func (m *Memory) garbage(live int64) int {
	percent := func(bytes int64) float64 { return 100 * float64(bytes) / float64(max(live, 1)) }
	most := min(max(commonPercent, percent(m.limit/16)), maxPercent, percent(m.limit/5*4-live))
	return int(max(most, minPercent))
}

func abs(n int) int { return max(n, -n) }

// look acts on the size of the heap.
func (m *Memory) look(h heap, log zerolog.Logger) {
	level := m.level.Load()
	switch {
	case h.used > m.limit:
		level = memoryNone
		m.stop(64<<10, math.MaxInt)
		m.collect()
	case h.live-m.kept.Load() <= m.limit/4:
		level, m.suspect = memoryFine, 0
	case m.suspect == 0 || h.cycle <= m.suspect: // is it still?
		if m.suspect == 0 || level > memoryFine {
			m.collect()
		}
		m.suspect = max(m.suspect, h.cycle)
	default: // it is
		m.suspect = h.cycle
		level = m.relieve(h.live)
	}
	if before := m.level.Swap(level); before != level {
		m.report(level, h.used, log)
	}
}

// relieve stops the hook that is to blame for much being alive, and returns the level that this is. While there is room, only one that took
// a lot may be.
func (m *Memory) relieve(live int64) int32 {
	switch {
	case live <= m.limit/2:
		m.stop(m.limit/8, 1)
	case live <= m.limit/4*3:
		m.stop(m.limit/16, 1)
	case m.stop(m.limit/32, 1) == 0:
		return memoryShort
	}
	return memoryFine
}

// collectEvery is how often garbage is collected for the watch's sake at most.
const collectEvery = time.Second

// collect sees to it that garbage is collected, or else nobody sees what is gone.
func (m *Memory) collect() {
	if time.Since(m.collected) < collectEvery {
		return
	}
	m.collected = time.Now()
	go runtime.GC()
}

func (m *Memory) report(level int32, used int64, log zerolog.Logger) {
	ev := log.Error()
	text := "memory is short: hooks are stopped, and mail is refused for the time being"
	switch level {
	case memoryFine:
		ev, text = log.Info(), "memory is no longer short"
	case memoryShort:
		text = "memory is short: new messages are refused for the time being"
	}
	ev.Int64("heap", used).Int64("limit", m.limit).Int64("messages_and_idle_data", m.kept.Load()).Msg(text)
}

// stop stops the hooks that have taken most, and at least so much; no more than so many of them. It returns how many it stopped.
func (m *Memory) stop(atLeast int64, most int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	type taker struct {
		budget *budget.Budget
		used   int64
	}
	var takers []taker
	for b := range m.budgets {
		if used := b.Used(); used >= atLeast {
			takers = append(takers, taker{b, used})
		}
	}
	slices.SortFunc(takers, func(a, b taker) int { return cmp.Compare(b.used, a.used) })
	takers = takers[:min(len(takers), most)]
	for _, t := range takers {
		t.budget.Stop(errMemory{t.used, m.limit})
	}
	return len(takers)
}
