//go:build !linux

package poll

import (
	"net"
	"time"
)

// Poller is not there on this system.
type Poller struct{}

// Conn is not there on this system.
type Conn struct{ net.Conn }

// New returns nil: connections are to be served by goroutines.
func New(time.Duration) (*Poller, error) { return nil, nil }

// Close does nothing.
func (p *Poller) Close() error { return nil }

// Listen returns the listener as it is.
func (p *Poller) Listen(l net.Listener) (net.Listener, error) { return l, nil }

// Start is never called.
func (c *Conn) Start(Handler) error { return nil }

// Leave is never called.
func (c *Conn) Leave() {}
