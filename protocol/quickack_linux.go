package protocol

import (
	"net"
	"syscall"
)

// quickAcker has the kernel acknowledge received data at once. Sendmail writes a command's macros and the command in two
// writes; on TCP the second waits for the acknowledgement of the first, which Linux delays by 40 ms unless told not to,
// and a reply that would carry it is not due yet.
type quickAcker struct {
	raw syscall.RawConn
	set func(fd uintptr)
}

func newQuickAcker(conn net.Conn) quickAcker {
	addr := conn.LocalAddr() // and not its type: it may be one that others are wrapped in
	if addr == nil || addr.Network() != "tcp" {
		return quickAcker{}
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return quickAcker{}
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return quickAcker{}
	}
	return quickAcker{raw, func(fd uintptr) {
		// An error costs speed only.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	}}
}

// ack sends a pending acknowledgement and those of the next packets at once; the kernel forgets the setting by itself.
func (q quickAcker) ack() {
	if q.raw != nil {
		_ = q.raw.Control(q.set)
	}
}
