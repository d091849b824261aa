//go:build !linux

package mta

import (
	"net"
	"syscall"
)

// ownSession has a program run in a session of its own.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// acknowledge is only for Linux.
func acknowledge(net.Conn) {}
