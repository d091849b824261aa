//go:build !linux

package daemon

import "net"

// mayControl leaves the decision to the socket's mode.
func (d *Daemon) mayControl(net.Conn) error { return nil }
