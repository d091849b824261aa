//go:build linux

package system

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// playServe is a daemon that answers each line with its pid. SIGUSR2 hands over, SIGTERM stops.
func playServe() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR2, syscall.SIGTERM)
	inherited, err := Inherited()
	if err != nil {
		return err
	}
	var listeners []net.Listener
	var names []string
	for _, s := range inherited.Sockets {
		listeners, names = append(listeners, s.Listener), append(names, s.Name)
	}
	if !inherited.Successor {
		tcp, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		local, err := net.Listen("unix", os.Getenv("SOCKET"))
		if err != nil {
			return err
		}
		listeners, names = []net.Listener{tcp, local}, []string{"tcp", "local"}
	}
	if err := inherited.Ready(); err != nil {
		return err
	}
	var serving sync.WaitGroup
	for _, l := range listeners {
		serving.Go(func() { serveAll(l, &serving) })
	}
	fmt.Println(names, os.Getpid(), os.Getenv("WATCHDOG_PID"), listeners[0].Addr())
	if <-signals == syscall.SIGUSR2 {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		pid, err := StartSuccessor(ctx, listeners, names, os.Args, os.Environ())
		if err != nil {
			return err
		}
		if _, err := os.Stat("/proc/" + strconv.Itoa(pid)); err != nil || pid == os.Getpid() {
			fmt.Println("the successor is no process:", pid) // and the test fails, as it expects another line
		}
	}
	for _, l := range listeners {
		if err := l.Close(); err != nil {
			return err
		}
	}
	serving.Wait()
	return nil
}

// serveAll answers on all connections until the listener is closed.
func serveAll(l net.Listener, serving *sync.WaitGroup) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		serving.Go(func() {
			defer c.Close()
			if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
				fmt.Fprintln(c, os.Getpid())
			}
		})
	}
}

// ask makes a connection and returns the pid of the process that answers on it.
func ask(network, address string) (int, error) {
	c, err := net.DialTimeout(network, address, patience)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(c, "who?\n"); err != nil {
		return 0, err
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("answer %q: %w", answer, err)
	}
	return strconv.Atoi(strings.TrimSpace(answer))
}

// TestHandoverUnderLoad has clients connect without pause while the daemon hands over, again and again: none is refused, each is answered.
func TestHandoverUnderLoad(t *testing.T) {
	const handovers, clients = 5, 4
	socket := filepath.Join(t.TempDir(), "s")
	said := lines(t, again("serve", "SOCKET="+socket, "WATCHDOG_PID=1"))
	pid, tcp := introduced(t, next(t, said), "1")

	var asked, failed atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asking sync.WaitGroup
	for i := range clients {
		network, address := "tcp", tcp
		if i%2 == 1 {
			network, address = "unix", socket
		}
		asking.Go(func() {
			for ctx.Err() == nil {
				if _, err := ask(network, address); err != nil {
					failed.Add(1)
					t.Errorf("%s: %v", network, err)
					return
				}
				asked.Add(1)
			}
		})
	}
	for range handovers {
		before := asked.Load()
		waitFor(t, func() bool { return failed.Load() > 0 || asked.Load() > before+100 })
		if err := syscall.Kill(pid, syscall.SIGUSR2); err != nil {
			t.Fatal(err)
		}
		line := next(t, said)
		old := pid
		pid, _ = introduced(t, line, "")
		if pid == old {
			t.Fatalf("pid %d again", pid)
		}
		t.Cleanup(func() { endDescendant(pid) })
	}
	before := asked.Load()
	waitFor(t, func() bool { return failed.Load() > 0 || asked.Load() > before+100 })
	cancel()
	asking.Wait()
	for _, address := range [][2]string{{"tcp", tcp}, {"unix", socket}} {
		if by, err := ask(address[0], address[1]); by != pid || err != nil {
			t.Errorf("on %s process %d answers, %v; want %d", address, by, err, pid)
		}
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if line := next(t, said); line != "" { // all have ended
		t.Errorf("it says %q", line)
	}
	t.Logf("%d connections, %d refused or not answered", asked.Load(), failed.Load())
}

// introduced returns the pid and the address that a daemon tells of itself.
func introduced(t *testing.T, line, watchdog string) (pid int, tcp string) {
	t.Helper()
	var got string
	rest, found := strings.CutPrefix(line, "[tcp local] ")
	fields := strings.Split(rest, " ")
	if found && len(fields) == 3 {
		pid, _ = strconv.Atoi(fields[0])
		got, tcp = fields[1], fields[2]
	}
	if pid == 0 || got != watchdog {
		t.Fatalf("the daemon says %q", line)
	}
	return pid, tcp
}

// endDescendant ends a daemon that a failed test has left, if it still is this program.
func endDescendant(pid int) {
	if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && exe == os.Args[0] {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come")
		}
	}
}

// TestSuccessorThatFails sees that the predecessor goes on as if nothing had happened.
func TestSuccessorThatFails(t *testing.T) {
	self := []string{os.Args[0]}
	absent := filepath.Join(t.TempDir(), "absent")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no program\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		names []string
		args  []string
		role  string
		limit time.Duration
		want  []string
	}{
		{"it ends at once", []string{"a", "b"}, self, "exit", patience, []string{"ended before it was ready", "exit status 7"}},
		{"it has closed the line and takes a while to end", []string{"a", "b"}, self, "give up", patience, []string{"ended before it was ready", "exit status 7"}},
		{"it is never ready", []string{"a", "b"}, self, "sleep", 200 * time.Millisecond, []string{"not ready in time", "deadline", "killed"}},
		{"no time at all", []string{"a", "b"}, self, "sleep", 0, []string{"not ready in time", "deadline"}},
		{"no such program", []string{"a", "b"}, []string{absent}, "", patience, []string{absent, "no such file"}},
		{"not in PATH", []string{"a", "b"}, []string{"luamilter-absent"}, "", patience, []string{"luamilter-absent", "not found"}},
		{"not a program", []string{"a", "b"}, []string{text}, "", patience, []string{text, "exec format"}},
		{"no program", []string{"a", "b"}, nil, "", patience, []string{"no program"}},
		{"too few names", []string{"a"}, self, "", patience, []string{"2 sockets and 1 names"}},
		{"name with a colon", []string{"a", "b:c"}, self, "", patience, []string{`"b:c"`, "colon"}},
		{"name of two lines", []string{"a", "b\nc"}, self, "", patience, []string{`"b\nc"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tcp, local, _ := sockets(t)
			ctx, cancel := context.WithTimeout(t.Context(), c.limit)
			defer cancel()
			env := append(os.Environ(), envRole+"="+c.role, "SOCKET="+absent)
			pid, err := StartSuccessor(ctx, []net.Listener{tcp, local}, c.names, c.args, env)
			mustSay(t, err, append(c.want, "start a successor", "goes on serving")...)
			if pid != 0 {
				t.Errorf("pid %d", pid)
			}
			goesOn(t, tcp)
			goesOn(t, local)
			local.Close()
			if _, err := os.Stat(local.Addr().String()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the socket's file is left: %v", err)
			}
		})
	}
}

// goesOn sees that a listener accepts, and that closing it interrupts Accept, which it would not if the socket had become a blocking one.
func goesOn(t *testing.T, l net.Listener) {
	t.Helper()
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := l.Accept(); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	l.Close()
	select {
	case err := <-ended:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close, Accept returns %v", err)
		}
	case <-time.After(patience):
		t.Error("Close does not interrupt Accept")
	}
}

// TestReadyIsDecidedOnce plays both ends of the line.
func TestReadyIsDecidedOnce(t *testing.T) {
	line := func(t *testing.T) (predecessor *os.File, successor *Inheritance) {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		return os.NewFile(uintptr(pair[0]), "successor"), &Inheritance{Successor: true, ready: os.NewFile(uintptr(pair[1]), "predecessor")}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	t.Run("in time", func(t *testing.T) {
		predecessor, successor := line(t)
		if err := successor.Ready(); err != nil {
			t.Error(err)
		}
		if err := awaitReady(t.Context(), predecessor); err != nil {
			t.Error(err)
		}
		if err := successor.Ready(); err != nil { // once more does nothing
			t.Error(err)
		}
	})
	t.Run("too late", func(t *testing.T) {
		predecessor, successor := line(t)
		mustSay(t, awaitReady(over, predecessor), "not ready in time", "canceled")
		mustSay(t, successor.Ready(), "goes on serving")
	})
	t.Run("said before the end, heard after it", func(t *testing.T) {
		predecessor, successor := line(t)
		if err := successor.Ready(); err != nil {
			t.Error(err)
		}
		if err := awaitReady(over, predecessor); err != nil {
			t.Error(err)
		}
	})
	t.Run("given up", func(t *testing.T) {
		predecessor, successor := line(t)
		if err := successor.Close(); err != nil {
			t.Error(err)
		}
		mustSay(t, awaitReady(t.Context(), predecessor), "ended before")
	})
	t.Run("something else", func(t *testing.T) {
		predecessor, successor := line(t)
		if _, err := successor.ready.WriteString("hello"); err != nil {
			t.Error(err)
		}
		mustSay(t, awaitReady(t.Context(), predecessor), `"h"`)
		successor.Close()
	})
}
