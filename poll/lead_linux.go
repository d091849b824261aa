package poll

import (
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// leader is what belongs to the worker that leads.
type leader struct {
	found  [maxEvents]unix.EpollEvent
	number int                   // of what was found
	looks  int                   // that it took
	luck   int                   // with spinning
	alone  int                   // waits in a row without another worker
	shared bool                  // Go's poller is told of events
	look   func(fd uintptr) bool // fetch, made once
}

// lead fetches events, and waits if there are none. The poller is not locked meanwhile.
func (p *Poller) lead() {
	p.leading = true
	p.awake--
	alone, several := p.awake == 0 && p.away == 0, p.mixed > 0
	p.mu.Unlock()
	p.looks, p.number = 0, 0
	p.wait(alone, several)
	p.mu.Lock()
	p.leading = false
	p.awake++
	p.at, p.end = 0, copy(p.events[:], p.found[:p.number])
	if p.closed {
		p.free()
	}
	if p.looks == 1 || p.number > 1 { // whoever finds events at once is late
		p.join()
	}
}

// aloneEnough is after how many waits alone those in the kernel are worth what it costs to change to them and back.
const aloneEnough = 8

// wait waits for events: alone where nobody serves meanwhile, and with several where the last events were not all of one connection.
//
// To wait in the kernel costs two thirds of what it costs in Go's poller, but holds one of Go's processors for up to some 10 ms, until Go takes it away.
// So it is for a worker that is alone, where no hook waits or computes elsewhere and another processor is there for the rest.
func (p *Poller) wait(alone, several bool) {
	if !alone || p.most == 1 {
		p.alone = 0
		p.waitInGo()
		return
	}
	if several && (p.fetch(0) || p.spin()) {
		return
	}
	if p.alone++; p.alone < aloneEnough {
		p.waitInGo()
		return
	}
	p.waitInKernel()
}

// waitInGo waits with all that Go's scheduler knows about waiting.
func (p *Poller) waitInGo() {
	if p.share(true) != nil {
		p.waitInKernel()
		return
	}
	_ = p.raw.Read(p.look)
}

// waitInKernel waits in a system call.
func (p *Poller) waitInKernel() {
	if p.shared {
		_ = p.share(false) // else Go wakes up as well
		runtime.Gosched()  // has another thread wait in Go's poller, where this one was the last to do so; without, Go looks there every 10 ms
	}
	for p.number == 0 {
		n, err := unix.EpollWait(p.epoll, p.found[:], -1)
		if err != nil && err != unix.EINTR {
			return
		}
		p.number = max(n, 0)
	}
	p.looks = 2
}

// share has Go's poller told of events, or not.
func (p *Poller) share(yes bool) error {
	if p.shared == yes {
		return nil
	}
	ev := unix.EpollEvent{Fd: int32(p.epoll)}
	if yes {
		ev.Events = unix.EPOLLIN | unix.EPOLLET
	}
	if err := unix.EpollCtl(p.bridge, unix.EPOLL_CTL_MOD, p.epoll, &ev); err != nil {
		return err
	}
	p.shared = yes
	return nil
}

// The next command of an MTA often comes before a sleeper could be woken for it, which takes some 20 us and their CPU time. So where several connections are
// busy a worker that is alone looks again and again for that long, if that has had success lately; if not, it tries again after so many waits. For one
// connection that costs more than to sleep.
const (
	spins   = 50
	maxLuck = 8
	sulk    = 64
	mix     = 16 // events of one connection in a row, after which it counts as the only one
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
			p.luck = min(p.luck+1, maxLuck)
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
