//go:build !linux

package load

import (
	"errors"
	"net"
)

// ListenerPID fails: who listens on a socket is known on Linux only.
func ListenerPID(net.Conn) (int, error) {
	return 0, errors.New("the process that listens on a socket is known on Linux only")
}
