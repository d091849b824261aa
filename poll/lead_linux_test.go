package poll

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// shares reports whether Go's poller is told of events, as the kernel has it.
func (r *rig) shares() bool {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", r.p.bridge))
	if err != nil {
		r.t.Fatal(err)
	}
	var fd, events uint32
	_, list, _ := strings.Cut(string(text), "tfd:")
	if _, err := fmt.Sscanf(list, "%d events: %x", &fd, &events); err != nil || int(fd) != r.p.epoll {
		r.t.Fatalf("the bridge has %q: %v", text, err)
	}
	return events&unix.EPOLLIN != 0
}

// waitAway has "wait" wait elsewhere until it is released.
func waitAway(waits chan<- bool, release <-chan struct{}) func(c *Conn, text string) {
	return func(c *Conn, text string) {
		if text == "wait" {
			c.Leave()
			waits <- true
			<-release
		}
	}
}

// Whoever is alone waits in the kernel, unless a handler is elsewhere: that may need the processor. Nothing that comes is missed at the change.
func TestWhereItWaits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	waits, release := make(chan bool), make(chan struct{})
	r := start(t, "unix", answer(waitAway(waits, release)), never)
	c := r.dial()
	alone := func() {
		t.Helper()
		wait(t, "it to wait in the kernel", func() bool { say(t, c, "word"); return !r.shares() })
	}
	for range 20 {
		alone()
		r.tell(1, "wait")
		<-waits
		wait(t, "it to wait in Go's poller", func() bool { say(t, c, "word"); return r.shares() })
		release <- struct{}{}
	}
	alone()
}

// With one processor nobody waits in the kernel: nothing else could run meanwhile.
func TestOneProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	r := start(t, "unix", echo, never)
	c := r.dial()
	for range 10 * aloneEnough {
		say(t, c, "word")
		if !r.shares() {
			t.Fatal("it waits in the kernel")
		}
	}
}

// A poller that is closed gives everything back, whatever it does at that moment.
func TestPollerCloses(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(r *rig, waits <-chan bool)
	}{
		{"at once", func(*rig, <-chan bool) {}},
		{"while it waits in Go's poller", func(r *rig, _ <-chan bool) { say(r.t, r.dial(), "word") }},
		{"while it waits in the kernel", func(r *rig, _ <-chan bool) {
			c := r.dial()
			wait(r.t, "it to wait in the kernel", func() bool { say(r.t, c, "word"); return !r.shares() })
		}},
		{"while a handler is elsewhere", func(r *rig, waits <-chan bool) {
			r.tell(1, "wait")
			<-waits
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
			goroutines := runtime.NumGoroutine()
			waits, release := make(chan bool), make(chan struct{})
			var own []int
			t.Run("", func(t *testing.T) { // at whose end the other side closes its connections
				r := start(t, "unix", answer(waitAway(waits, release)), never)
				own = []int{r.p.epoll, r.p.bridge, r.p.bell}
				c.do(r, waits)
				if err := r.p.Close(); err != nil {
					t.Error(err)
				}
				close(release)
			})
			wait(t, "its descriptors to be closed and its workers to end", func() bool {
				for _, fd := range own {
					if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != unix.EBADF {
						return false
					}
				}
				return runtime.NumGoroutine() <= goroutines
			})
		})
	}
}
