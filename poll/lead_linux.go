package poll

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// leader is what belongs to the worker that leads.
type leader struct {
	found  [maxEvents]unix.EpollEvent
	number int                   // of what was found
	looks  int                   // that it took
	luck   int                   // with spinning
	look   func(fd uintptr) bool // fetch, made once
}

// lead fetches events, and waits if there are none. The poller is not locked meanwhile.
func (p *Poller) lead() {
	p.leading = true
	p.awake--
	alone := p.awake == 0
	p.mu.Unlock()
	p.looks, p.number = 0, 0
	if !alone || !p.spin() {
		_ = p.raw.Read(p.look) // an error says that the poller is closed
	}
	p.mu.Lock()
	p.leading = false
	p.awake++
	p.at, p.end = 0, copy(p.events[:], p.found[:p.number])
	if p.looks == 1 || p.number > 1 { // whoever finds events at once is late
		p.join()
	}
}

// The next command of an MTA often comes before a sleeper could be woken for it, which takes some 20 us and their CPU time. So a worker that is alone
// looks again and again for that long, if that has had success lately; if not, it tries again after so many waits.
const (
	spins   = 50
	maxLuck = 8
	sulk    = 64
)

// spin looks for events for a moment. It reports whether it has found some.
func (p *Poller) spin() bool {
	if p.luck <= 0 {
		if p.luck--; p.luck > -sulk {
			return false
		}
		p.luck = 1
	}
	for range spins {
		if p.fetch(0) {
			if p.looks > 1 {
				p.luck = min(p.luck+1, maxLuck)
			}
			return true
		}
	}
	p.luck -= 2
	return false
}

// fetch fetches events. It reports whether there is nothing to wait for.
func (p *Poller) fetch(uintptr) bool {
	p.looks++
	var err syscall.Errno
	p.number, err = fetch(p.epoll, p.found[:])
	return p.number > 0 || err != 0 && err != unix.EINTR
}
