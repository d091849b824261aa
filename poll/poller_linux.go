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
	epoll  int
	bridge int             // an epoll that has only epoll in it, so that Go's poller need not always be told of events
	file   *os.File        // the bridge, for Go's poller to wait for
	raw    syscall.RawConn // of file
	bell   int             // has an event when the poller is closed
	most   int             // workers that serve at a time

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
	away    int       // those that have left
	busy    []*worker // that serve, without those that have left
	asleep  []*worker
	recent  *Conn // that was served last
	mixed   int   // events until that counts as the only connection

	clock clock
}

// maxEvents is how many are fetched at a time. Workers take them one by one.
const maxEvents = 64

// New returns a poller whose connections count as quiet when nothing has come for so long.
func New(quiet time.Duration) (*Poller, error) {
	p := &Poller{epoll: -1, bridge: -1, bell: -1, most: runtime.GOMAXPROCS(0), clock: clock{quiet: quiet}}
	p.look = p.fetch
	if err := p.open(); err != nil {
		p.free()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return p, nil
}

func (p *Poller) open() (err error) {
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if p.bridge, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if p.bell, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return err
	}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, p.bell, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(p.bell)}); err != nil {
		return err
	}
	if err := unix.EpollCtl(p.bridge, unix.EPOLL_CTL_ADD, p.epoll, &unix.EpollEvent{Fd: int32(p.epoll)}); err != nil {
		return err
	}
	if err := unix.SetNonblock(p.bridge, true); err != nil { // without it Go would not poll it
		return err
	}
	p.file = os.NewFile(uintptr(p.bridge), "epoll")
	p.raw, err = p.file.SyscallConn()
	return err
}

// free gives back what belongs to the system.
func (p *Poller) free() {
	switch {
	case p.file != nil:
		_ = p.file.Close()
	case p.bridge >= 0:
		_ = unix.Close(p.bridge)
	}
	for _, fd := range []int{p.epoll, p.bell} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
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
	if !p.leading {
		p.free()
		return nil
	}
	_, err := unix.Write(p.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // whoever leads looks up, and frees
	return os.NewSyscallError("eventfd", err)
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
	if p.closed {
		return os.ErrClosed
	}
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
	if p.recent == c {
		p.recent = nil
	}
	p.mu.Unlock()
	_ = unix.Close(fd) // what was not sent yet is nobody's business any more
	p.mu.Lock()
}
