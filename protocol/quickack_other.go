//go:build !linux

package protocol

import "net"

// quickAcker does nothing where the kernel has no such option.
type quickAcker struct{}

func newQuickAcker(net.Conn) quickAcker { return quickAcker{} }

func (quickAcker) ack() {}
