//go:build !linux

package protocol

import "net"

// poller does nothing where the kernel's call for it is not known.
type poller struct{}

func newPoller(net.Conn) *poller { return nil }

func (*poller) wait() {}
