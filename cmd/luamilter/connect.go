package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"luamilter/engine"
)

// connectTo connects to a milter. The error says what an administrator can do about it.
func connectTo(spec engine.Spec, timeout time.Duration) (net.Conn, error) {
	conn, err := net.DialTimeout(spec.Network, spec.Address, timeout)
	if err == nil {
		return conn, nil
	}
	hint := ""
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) && spec.Network == "unix":
		hint = "; the socket is there, but its milter does not run"
	case errors.Is(err, syscall.ECONNREFUSED):
		hint = "; nothing listens there: does the milter run, and on that port?"
	case errors.Is(err, fs.ErrNotExist):
		hint = "; the socket is not there: does the milter run, and with that path?"
	case errors.Is(err, fs.ErrPermission):
		hint = "; the socket belongs to somebody else: use its user or group, or root"
	case errors.Is(err, os.ErrDeadlineExceeded):
		hint = fmt.Sprintf("; no answer within %v: a firewall, or the wrong address?", timeout)
	}
	return nil, fmt.Errorf("connect to the milter at %s: %w%s", spec, err, hint)
}
