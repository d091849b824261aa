package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"luamilter/config"
	"luamilter/engine"
	"luamilter/system"
)

// openSockets opens all sockets of the configuration, or takes those that the process was started with.
func (d *Daemon) openSockets(inherited *system.Inheritance) error {
	rest := slices.Clone(inherited.Sockets)
	c, listeners := d.inUse()
	for _, l := range listeners {
		for _, spec := range l.Specs {
			s, err := open(spec, &rest)
			if err != nil {
				return err
			}
			d.sockets = append(d.sockets, socket{s, spec, l.Name})
		}
	}
	var err error
	if spec, ok := c.AdminSocket(); ok {
		if d.admin, err = d.openAdmin(spec, &rest); err != nil {
			return err
		}
	}
	if address := c.Metrics.Listen; address != "" {
		if d.metrics, err = open(metricsSpec(address), &rest); err != nil {
			return fmt.Errorf("metrics.listen: %w", err)
		}
	}
	if len(rest) > 0 && !inherited.Successor {
		return fmt.Errorf("a socket on %s was passed to the daemon, but no listen of the configuration names it", rest[0].Listener.Addr())
	}
	for _, s := range rest { // the configuration has changed since the predecessor began
		if err := s.Listener.Close(); err != nil {
			return err
		}
	}
	return nil
}

// openAdmin opens the control socket. Where nobody has asked for it, the daemon does without if need be.
func (d *Daemon) openAdmin(spec engine.Spec, passed *[]system.Socket) (net.Listener, error) {
	c, _ := d.inUse()
	asked := c.Origin("admin.listen") != config.OriginDefault
	if !asked && os.Geteuid() == 0 {
		_ = os.Mkdir(filepath.Dir(spec.Address), 0o755) // if that fails, so does what follows
	}
	l, err := open(spec, passed)
	switch {
	case err == nil:
		return l, nil
	case asked:
		return nil, fmt.Errorf("admin.listen: %w; choose another path, or \"\" for none", err)
	}
	d.log.Debug().Err(err).Msg("there is no control socket; admin.listen in the configuration says where to open one")
	return nil, nil
}

// metricsSpec is host:port as a socket.
func metricsSpec(address string) engine.Spec {
	spec, err := engine.ParseSpec("inet:" + address)
	if err != nil {
		return engine.Spec{Network: "tcp", Address: address}
	}
	return spec
}

// open takes a socket from those passed, or opens it.
func open(spec engine.Spec, passed *[]system.Socket) (net.Listener, error) {
	i := slices.IndexFunc(*passed, func(s system.Socket) bool { return same(s.Listener.Addr(), spec) })
	if i < 0 {
		return spec.Listen()
	}
	l := (*passed)[i].Listener
	*passed = slices.Delete(*passed, i, i+1)
	return l, nil
}

// same reports whether a listening socket is the one that is configured.
func same(addr net.Addr, spec engine.Spec) bool {
	if spec.Network == "unix" {
		return addr.Network() == "unix" && addr.String() == spec.Address
	}
	got, ok := addr.(*net.TCPAddr)
	want, err := net.ResolveTCPAddr(spec.Network, spec.Address)
	if !ok || err != nil || got.Port != want.Port {
		return false
	}
	return got.IP.Equal(want.IP) || got.IP.IsUnspecified() && len(want.IP) == 0
}

// closeSockets closes what openSockets opened and nobody has closed since, before anything was served.
func (d *Daemon) closeSockets() error {
	all := []net.Listener{d.admin, d.metrics}
	for _, s := range d.sockets {
		all = append(all, s.Listener)
	}
	var errs []error
	for _, l := range all {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
