//go:build race

package poll

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// The same system calls, by package syscall, where the race detector learns that what is read was written before.

func read(fd int, b []byte) (int, syscall.Errno) {
	return call(func() (int, error) { return syscall.Read(fd, b) })
}

func write(fd int, b []byte) (int, syscall.Errno) {
	return call(func() (int, error) { return syscall.Write(fd, b) })
}

func fetch(epoll int, into []unix.EpollEvent) (int, syscall.Errno) {
	return call(func() (int, error) { return unix.EpollWait(epoll, into, 0) })
}

func call(do func() (int, error)) (int, syscall.Errno) {
	for {
		n, err := do()
		switch err {
		case nil:
			return n, 0
		case unix.EINTR:
			continue
		}
		return 0, err.(syscall.Errno)
	}
}
