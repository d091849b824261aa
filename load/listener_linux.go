package load

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ListenerPID returns the process that listens on the other end of a connection: by its credentials on a unix socket, else, and where the
// socket is one that init opened, by who has the listening socket open. Of several processes it returns the first, which has usually started
// the others. It fails for other machines, and for processes that this one may not look at.
func ListenerPID(conn net.Conn) (int, error) {
	switch c := conn.(type) {
	case *net.UnixConn:
		pid, err := peerPID(c)
		if err == nil && pid > 1 {
			return pid, nil
		}
		return holder(unixInode(c.RemoteAddr().String()))
	case *net.TCPConn:
		addr, ok := c.RemoteAddr().(*net.TCPAddr)
		if !ok || !isLocal(addr.IP) {
			return 0, fmt.Errorf("%v is on another machine", c.RemoteAddr())
		}
		return holder(tcpInode(addr.Port))
	}
	return 0, fmt.Errorf("%v is no socket", conn.RemoteAddr())
}

func peerPID(c *net.UnixConn) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var peer *unix.Ucred
	var peerErr error
	err = raw.Control(func(fd uintptr) { peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err == nil {
		err = peerErr
	}
	if err != nil {
		return 0, err
	}
	return int(peer.Pid), nil
}

// isLocal reports whether an address is one of this machine.
func isLocal(ip net.IP) bool {
	if ip.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	})
}

// tcpInode returns the inode of the socket that listens on a port.
func tcpInode(port int) (string, error) {
	const listening = "0A" // TCP_LISTEN in the fourth column
	suffix := fmt.Sprintf(":%04X", port)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		inode, err := findRow(table, func(f []string) string {
			if len(f) > 9 && strings.HasSuffix(f[1], suffix) && f[3] == listening {
				return f[9]
			}
			return ""
		})
		if inode != "" || err != nil && !os.IsNotExist(err) {
			return inode, err
		}
	}
	return "", fmt.Errorf("no process of this machine listens on port %d", port)
}

// unixInode returns the inode of the socket that listens on a path.
func unixInode(path string) (string, error) {
	const listening = "00010000" // __SO_ACCEPTCON in the flags
	inode, err := findRow("/proc/net/unix", func(f []string) string {
		if len(f) > 7 && f[3] == listening && f[7] == path {
			return f[6]
		}
		return ""
	})
	if err == nil && inode == "" {
		err = fmt.Errorf("no process of this machine listens on %s", path)
	}
	return inode, err
}

// findRow returns the first answer about a row of a table that is not empty.
func findRow(table string, about func(fields []string) string) (string, error) {
	f, err := os.Open(table)
	if err != nil {
		return "", err
	}
	defer f.Close() // it was only read
	rows := bufio.NewScanner(f)
	for rows.Scan() {
		if found := about(strings.Fields(rows.Text())); found != "" {
			return found, nil
		}
	}
	return "", rows.Err()
}

// holder returns the first process that has a socket open.
func holder(inode string, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is right
	first := 0
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != "socket:["+inode+"]" {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(link, "/")[2])
		if err == nil && pid > 1 && (first == 0 || pid < first) {
			first = pid
		}
	}
	if first == 0 {
		return 0, fmt.Errorf("the process that listens belongs to somebody else; root sees it, or name it with --pid")
	}
	return first, nil
}
