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
	most  int             // workers that serve at a time

	leader

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

// remove closes a connection. The poller is not locked while the kernel does so.
func (p *Poller) remove(c *Conn) {
	fd := c.fd
	p.conns[fd], c.fd, c.warm = nil, -1, false
	p.mu.Unlock()
	_ = unix.Close(fd) // what was not sent yet is nobody's business any more
	p.mu.Lock()
}
