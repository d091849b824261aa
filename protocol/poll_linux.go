package protocol

import (
	"net"
	"syscall"
	"time"
	"unsafe"
)

// poller waits for input in one system call of its own. The Go runtime takes three: a read that finds nothing, a wait for all connections
// together, and the read; and it wakes another thread besides, in case there is more to do. With one connection that is most of what an
// event costs.
type poller struct {
	raw     syscall.RawConn
	poll    func(fd uintptr)
	fd      pollFD
	timeout syscall.Timespec
}

// pollFD is struct pollfd (poll(2)).
type pollFD struct {
	fd              int32
	events, revents int16
}

const pollIn = 0x1 // POLLIN

// maxPoll is how long a wait may keep its thread. An MTA's next command comes sooner, or much later.
const maxPoll = time.Millisecond

func newPoller(conn net.Conn) *poller {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	a := &poller{raw: raw}
	a.poll = func(fd uintptr) {
		a.fd = pollFD{fd: int32(fd), events: pollIn}
		a.timeout = syscall.NsecToTimespec(int64(maxPoll)) // the kernel changes it
		// An error costs speed only: the read that follows waits.
		_, _, _ = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&a.fd)), 1, uintptr(unsafe.Pointer(&a.timeout)), 0, 0, 0)
	}
	return a
}

// wait waits until there is something to read, but not for long.
func (a *poller) wait() {
	if a != nil {
		_ = a.raw.Control(a.poll) // of a closed connection, which the read finds too
	}
}
