//go:build !race

package poll

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System calls that never wait, since the descriptors are set so. Go need not be told that they might, as package unix does; that saves a tenth of what
// a command costs. And recvfrom and sendto have less to do than read and write, which do not know that it is a socket.

func read(fd int, b []byte) (int, syscall.Errno) { return transfer(unix.SYS_RECVFROM, fd, b, 0) }

func write(fd int, b []byte) (int, syscall.Errno) {
	return transfer(unix.SYS_SENDTO, fd, b, unix.MSG_NOSIGNAL)
}

func transfer(call uintptr, fd int, b []byte, flags uintptr) (int, syscall.Errno) {
	for {
		n, _, err := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), flags, 0, 0)
		switch err {
		case 0:
			return int(n), 0
		case syscall.EINTR:
			continue
		}
		return 0, err
	}
}

// fetch returns the number of events that there are.
func fetch(epoll int, into []unix.EpollEvent) (int, syscall.Errno) {
	n, _, err := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(into))), uintptr(len(into)), 0, 0, 0)
	if err != 0 {
		return 0, err
	}
	return int(n), 0
}
