//go:build !linux

package mta

import (
	"net"
	"syscall"
	"testing"
)

// Adopt is only for Linux.
func Adopt(t testing.TB) { Skip(t, "only Linux tells how a successor ends") }

// ownSession has a program run in a session of its own.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// acknowledge is only for Linux.
func acknowledge(net.Conn) {}
