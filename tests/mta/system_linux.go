package mta

import (
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Adopt makes this test process the parent of processes whose own parent has ended, so that it learns how they end.
func Adopt(t testing.TB) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
}

// ownSession has a program run in a session of its own, and get SIGTERM if the test process dies, however that
// happens.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
}

// acknowledge has the kernel acknowledge at once what has arrived. It forgets that soon.
func acknowledge(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
