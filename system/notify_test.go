//go:build linux

package system

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// listenAsSystemd opens the socket that NOTIFY_SOCKET names from now on.
func listenAsSystemd(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return l
}

// received returns the next message to systemd.
func received(t *testing.T, l *net.UnixConn) string {
	t.Helper()
	if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 4096)
	n, err := l.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n])
}

func TestSupervisorHears(t *testing.T) {
	sockets := []struct{ name, socket string }{
		{"path", filepath.Join(t.TempDir(), "notify")},
		{"abstract", fmt.Sprintf("@luamilter-test-%d", os.Getpid())},
	}
	cases := []struct {
		name string
		say  func(Supervisor) error
		want string
	}{
		{"ready", Supervisor.Ready, "READY=1"},
		{"stopping", Supervisor.Stopping, "STOPPING=1"},
		{"status", func(s Supervisor) error { return s.Status("3 connections") }, "STATUS=3 connections"},
		{"status stays one line", func(s Supervisor) error { return s.Status("a\nREADY=1") }, "STATUS=a READY=1"},
		{"another process", func(s Supervisor) error { return s.MainPID(4711) }, "MAINPID=4711\nWATCHDOG=1"},
	}
	for _, socket := range sockets {
		l := listenAsSystemd(t, socket.socket)
		s, err := FindSupervisor()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			t.Run(socket.name+"/"+c.name, func(t *testing.T) {
				if err := c.say(s); err != nil {
					t.Fatal(err)
				}
				if got := received(t, l); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	}
}

// TestReloadingTellsTheTime sees that the time is that of the same clock: later than before, earlier than afterwards.
func TestReloadingTellsTheTime(t *testing.T) {
	l := listenAsSystemd(t, filepath.Join(t.TempDir(), "notify"))
	s, err := FindSupervisor()
	if err != nil {
		t.Fatal(err)
	}
	before := monotonic().Microseconds()
	if err := s.Reloading(); err != nil {
		t.Fatal(err)
	}
	after := monotonic().Microseconds()
	text, found := strings.CutPrefix(received(t, l), "RELOADING=1\nMONOTONIC_USEC=")
	usec, err := strconv.ParseInt(text, 10, 64)
	if !found || err != nil || usec < before || usec > after || usec == 0 {
		t.Errorf("got %q, want a time from %d to %d", text, before, after)
	}
}

func TestNobodyHears(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "1000")
	s, err := FindSupervisor()
	if err != nil || s != (Supervisor{}) {
		t.Fatalf("got %v, %v", s, err)
	}
	for _, err := range []error{s.Ready(), s.Reloading(), s.Stopping(), s.Status("x"), s.MainPID(1)} {
		if err != nil {
			t.Error(err)
		}
	}
	s.Watchdog(t.Context(), func() bool { t.Error("asked"); return true }) // returns at once
}

func TestSupervisorErrors(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	cases := []struct {
		name, socket, usec string
		want               []string
	}{
		{"neither path nor abstract", "vsock:2:1", "", []string{`NOTIFY_SOCKET="vsock:2:1"`, "unset it"}},
		{"no number", absent, "soon", []string{`WATCHDOG_USEC="soon"`, "WatchdogSec"}},
		{"nothing", absent, "0", []string{`WATCHDOG_USEC="0"`}},
		{"too much", absent, "9223372036854775807", []string{"WATCHDOG_USEC"}},
		{"nobody there", absent, "", []string{"tell systemd READY=1", absent}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("NOTIFY_SOCKET", c.socket)
			t.Setenv("WATCHDOG_USEC", c.usec)
			s, err := FindSupervisor()
			if err == nil {
				err = s.Ready()
			}
			mustSay(t, err, c.want...)
		})
	}
}

func TestWatchdogInterval(t *testing.T) {
	own, other := strconv.Itoa(os.Getpid()), strconv.Itoa(os.Getppid())
	cases := []struct {
		name, usec, pid string
		want            time.Duration
	}{
		{"half of what is given", "30000000", "", 15 * time.Second},
		{"this process", "30000000", own, 15 * time.Second},
		{"another process", "30000000", other, 0},
		{"none", "", own, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("NOTIFY_SOCKET", "/nowhere")
			t.Setenv("WATCHDOG_USEC", c.usec)
			t.Setenv("WATCHDOG_PID", c.pid)
			s, err := FindSupervisor()
			if err != nil || s.beat != c.want {
				t.Errorf("got %v, %v; want %v", s.beat, err, c.want)
			}
		})
	}
}

// TestWatchdogOnlyWhileHealthy counts the signs of life of a service that is healthy twice and then no more.
func TestWatchdogOnlyWhileHealthy(t *testing.T) {
	l := listenAsSystemd(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "2000")
	s, err := FindSupervisor()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	asked := 0
	s.Watchdog(ctx, func() bool {
		if asked++; asked == 5 {
			cancel()
		}
		return asked <= 2
	})
	if err := s.Status("end"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"WATCHDOG=1", "WATCHDOG=1", "STATUS=end"} {
		if got := received(t, l); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
