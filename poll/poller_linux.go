package poll

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Poller waits for connections that have something to say, and has them served.
type Poller struct {
	epoll int
	file  *os.File        // the same, for Go's poller to wait for
	raw   syscall.RawConn // of file
	look  func(fd uintptr) bool
	most  int // workers that serve at a time

	// For whoever leads.
	found  [maxEvents]unix.EpollEvent
	number int // of what was found
	looks  int // that it took
	luck   int // with spinning

	mu     sync.Mutex
	closed bool
	conns  []*Conn // by descriptor

	events [maxEvents]unix.EpollEvent // those from at to end wait to be taken
	at     int
	end    int
	again  []*Conn // to be served although no event says so: for what came meanwhile, because they are closed, or quiet

	leading bool      // a worker waits for events
	awake   int       // workers that serve, or are about to, without those that have left
	busy    []*worker // that serve, without those that have left
	asleep  []*worker

	clock clock
}

// maxEvents is how many are fetched at a time. Workers take them one by one.
const maxEvents = 64

// maxAsleep is how many workers are kept for later. Their stacks have grown with the work, which costs as much as the work does.
const maxAsleep = 128

// worker is a goroutine that serves.
type worker struct {
	wake chan struct{}
	left bool   // another one has taken its place; it ends what it has begun
	turn uint64 // how many times it has served
	seen uint64 // turn, when the clock looked
}

// New returns a poller whose connections count as quiet when nothing has come for so long.
func New(quiet time.Duration) (*Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // without it Go would not poll it
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &Poller{epoll: fd, file: os.NewFile(uintptr(fd), "epoll"), most: runtime.GOMAXPROCS(0), clock: clock{quiet: quiet}}
	p.look = p.fetch
	if p.raw, err = p.file.SyscallConn(); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return p, nil
}

// Close has the workers end, each when it has served what it serves. No connection is served any more.
func (p *Poller) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	for _, w := range p.asleep {
		close(w.wake)
	}
	p.asleep = nil
	return p.file.Close() // which ends the wait of whoever leads
}

// add has a connection served from now on.
func (p *Poller) add(c *Conn, h Handler) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return os.ErrClosed
	}
	if c.fd >= len(p.conns) {
		p.conns = append(p.conns, make([]*Conn, max(64, c.fd+1-len(p.conns), len(p.conns)))...)
	}
	if err := p.control(unix.EPOLL_CTL_ADD, c, 0); err != nil {
		return err
	}
	c.handler, p.conns[c.fd] = h, c // an event that is fetched already waits for the lock
	if p.awake == 0 && !p.leading {
		p.join()
	}
	return nil
}

// control tells the kernel which events of a connection matter, besides that something came or that it ended.
func (p *Poller) control(op int, c *Conn, besides uint32) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET | besides, Fd: int32(c.fd)}
	if err := unix.EpollCtl(p.epoll, op, c.fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// join has another worker join in, if there may be one more. The poller is locked, as for all that follows.
func (p *Poller) join() {
	if p.awake >= p.most || p.closed {
		return
	}
	p.awake++
	n := len(p.asleep) - 1
	if n < 0 {
		go p.work(&worker{wake: make(chan struct{}, 1)})
		return
	}
	w := p.asleep[n]
	p.asleep = p.asleep[:n]
	w.wake <- struct{}{}
}

// work serves connections until the worker is not needed any more.
func (p *Poller) work(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		c := p.take(w)
		if c == nil {
			return
		}
		p.mu.Unlock()
		state := c.serve()
		p.mu.Lock()
		p.served(c, state)
		if !w.left {
			p.busy = without(p.busy, w)
			continue
		}
		w.left = false
		if !p.sleep(w) {
			return
		}
	}
}

// take returns the next connection to serve, nil if the worker is to end.
func (p *Poller) take(w *worker) *Conn {
	for !p.closed {
		if p.awake > p.most {
			if p.awake--; !p.sleep(w) {
				return nil
			}
			continue
		}
		c := p.next()
		switch {
		case c != nil:
			w.turn++
			c.worker = w
			p.busy = append(p.busy, w)
			p.stir(c)
			return c
		case !p.leading:
			p.lead()
		default:
			if p.awake--; !p.sleep(w) {
				return nil
			}
		}
	}
	return nil
}

// next returns a connection that has something to say and is not being served, nil if there is none.
func (p *Poller) next() *Conn {
	for p.at < p.end {
		ev := &p.events[p.at]
		p.at++
		if c := p.conns[ev.Fd]; c != nil && c.note(ev.Events) { // it may have been closed since its event was fetched
			return c
		}
	}
	for len(p.again) > 0 {
		c := p.again[0]
		p.again = slices.Delete(p.again, 0, 1)
		c.queued = false
		if c.fd >= 0 && c.note(c.missed) {
			return c
		}
	}
	return nil
}

// lead fetches events, and waits if there are none. The poller is not locked meanwhile.
func (p *Poller) lead() {
	p.leading = true
	p.awake--
	alone := p.awake == 0
	p.mu.Unlock()
	p.looks = 0
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

// queue has a connection served although no event says so.
func (p *Poller) queue(c *Conn) {
	if c.queued || c.fd < 0 {
		return
	}
	c.queued = true
	p.again = append(p.again, c)
	if p.awake == 0 {
		p.join() // whoever leads does not look there
	}
}

// served notes what becomes of a connection that was served.
func (p *Poller) served(c *Conn, state State) {
	c.worker = nil
	if state == Gone {
		p.remove(c)
		return
	}
	c.warm = state == Warm
	if c.warm {
		p.clock.watch(c)
	}
	if c.missed != 0 {
		p.queue(c)
	}
}

// remove closes a connection. The poller is not locked while the kernel does so.
func (p *Poller) remove(c *Conn) {
	fd := c.fd
	p.conns[fd], c.fd, c.warm = nil, -1, false
	p.mu.Unlock()
	_ = unix.Close(fd) // what was not sent yet is nobody's business any more
	p.mu.Lock()
}

// leave has another worker take a worker's place.
func (p *Poller) leave(w *worker) {
	if w.left {
		return
	}
	w.left = true
	p.busy = without(p.busy, w)
	p.awake--
	if p.at < p.end || len(p.again) > 0 || p.awake == 0 && !p.leading {
		p.join()
	}
}

// sleep waits until the worker is to join in. It returns false if it is to end.
func (p *Poller) sleep(w *worker) bool {
	if p.closed || len(p.asleep) >= maxAsleep {
		return false
	}
	p.asleep = append(p.asleep, w)
	p.mu.Unlock()
	_, ok := <-w.wake
	p.mu.Lock()
	return ok
}

func without(all []*worker, w *worker) []*worker {
	i := slices.Index(all, w)
	n := len(all) - 1
	all[i], all[n] = all[n], nil
	return all[:n]
}
