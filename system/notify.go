package system

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// notifyTimeout bounds how long a message to the supervisor may wait for room in its queue.
const notifyTimeout = 5 * time.Second

// Supervisor is systemd, told about the state of the service as sd_notify(3) describes. The zero Supervisor is nobody:
// its methods do nothing and return nil.
type Supervisor struct {
	socket string        // path, or @ and an abstract name
	beat   time.Duration // a sign of life is due so often; 0 for never
}

// FindSupervisor reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Without NOTIFY_SOCKET it returns nobody.
func FindSupervisor() (Supervisor, error) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return Supervisor{}, nil
	}
	if socket[0] != '/' && socket[0] != '@' {
		return Supervisor{}, fmt.Errorf("NOTIFY_SOCKET=%q is neither a path nor @ and a name; unset it, or start luamilter by systemd", socket)
	}
	beat, err := watchdogInterval()
	if err != nil {
		return Supervisor{}, err
	}
	return Supervisor{socket: socket, beat: beat}, nil
}

// watchdogInterval returns half the time after which systemd misses a sign of life, 0 if it waits for none of this process.
func watchdogInterval() (time.Duration, error) {
	text := os.Getenv("WATCHDOG_USEC")
	if text == "" {
		return 0, nil
	}
	if pid := os.Getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0, nil
	}
	const most = int64(1<<63-1) / int64(time.Microsecond)
	usec, err := strconv.ParseInt(text, 10, 64)
	if err != nil || usec < 2 || usec > most {
		return 0, fmt.Errorf("WATCHDOG_USEC=%q is no number of microseconds; unset it, or set WatchdogSec in the unit", text)
	}
	return time.Duration(usec) * time.Microsecond / 2, nil
}

// Ready says that the service does its work, after a start or a reload.
func (s Supervisor) Ready() error { return s.notify("READY=1") }

// Reloading says that a reload has begun; Ready ends it.
func (s Supervisor) Reloading() error {
	return s.notify("RELOADING=1\nMONOTONIC_USEC=" + strconv.FormatInt(monotonic().Microseconds(), 10))
}

// Stopping says that the service is about to end.
func (s Supervisor) Stopping() error { return s.notify("STOPPING=1") }

// Status says in one line what the service is doing, for systemctl status.
func (s Supervisor) Status(text string) error {
	return s.notify("STATUS=" + strings.ReplaceAll(text, "\n", " "))
}

// MainPID says that another process is the service from now on, and is alive. After that nobody listens to this process; systemd does
// not until then listen to the other.
func (s Supervisor) MainPID(pid int) error {
	return s.notify("MAINPID=" + strconv.Itoa(pid) + "\nWATCHDOG=1")
}

// Watchdog gives signs of life, twice as often as systemd wants them, while healthy returns true. The first is due after half of
// WatchdogSec. It returns when ctx ends, or at once when systemd wants none. A sign that cannot be sent is not reported: systemd does
// that, when it has waited in vain.
func (s Supervisor) Watchdog(ctx context.Context, healthy func() bool) {
	if s.beat == 0 {
		return
	}
	ticker := time.NewTicker(s.beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if healthy() {
			_ = s.notify("WATCHDOG=1")
		}
	}
}

// notify sends one datagram of VARIABLE=value lines.
func (s Supervisor) notify(state string) error {
	if s.socket == "" {
		return nil
	}
	if err := send(s.socket, state); err != nil {
		what, _, _ := strings.Cut(state, "\n")
		return fmt.Errorf("tell systemd %s: %w", what, err)
	}
	return nil
}

func send(socket, state string) error {
	// A name that begins with @ is an abstract one for package net too.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return err
	}
	if err := conn.SetWriteDeadline(time.Now().Add(notifyTimeout)); err != nil {
		return errors.Join(err, conn.Close())
	}
	_, err = conn.Write([]byte(state))
	return errors.Join(err, conn.Close())
}
