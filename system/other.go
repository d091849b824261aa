//go:build !linux

package system

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"time"
)

// errUnsupported says that something exists on Linux only.
func errUnsupported(what string) error {
	return fmt.Errorf("%s is not supported on %s", what, runtime.GOOS)
}

func monotonic() time.Duration { return 0 }

func (i *Inheritance) open(env environment) error {
	if env.count == 0 {
		return nil
	}
	return errUnsupported("taking over sockets")
}

// StartSuccessor is supported on Linux only.
func StartSuccessor(_ context.Context, _ []net.Listener, _, _, _ []string) (pid int, err error) {
	return 0, errUnsupported("handing over to a successor")
}

// Drop is supported on Linux only.
func Drop(_, _ string, _ bool) error { return errUnsupported("giving up root") }

// Harden is supported on Linux only; elsewhere it does nothing.
func Harden() error { return nil }

// Restrict restricts nothing where there is no Landlock, and says so.
func Restrict(Paths) (enforced string, err error) {
	return "files are not restricted: Landlock is not supported on " + runtime.GOOS, nil
}

// CheckScripts is supported on Linux only; elsewhere it looks at nothing.
func CheckScripts(_ []string, _ string) error { return nil }
