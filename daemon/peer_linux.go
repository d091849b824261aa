package daemon

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// mayControl returns an error for a peer that the socket's mode was not to let in.
func (d *Daemon) mayControl(c net.Conn) error {
	conf, _ := d.inUse()
	if spec, _ := conf.AdminSocket(); spec.Mode&0o077 != 0 {
		return nil // as configured; the kernel has looked at the mode
	}
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return err
	}
	var who *unix.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) { who, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil {
		return err
	}
	if asked != nil {
		return fmt.Errorf("ask who connects: %w", asked)
	}
	if who.Uid != 0 && int(who.Uid) != os.Geteuid() {
		return fmt.Errorf("process %d of user %d may not control the daemon: only root and user %d may", who.Pid, who.Uid, os.Geteuid())
	}
	return nil
}
