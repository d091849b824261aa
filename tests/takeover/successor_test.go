package takeover

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"luamilter/engine"
	"luamilter/tests/mta"
)

// TestSuccessor replaces the daemon twice by SIGUSR2 while mail flows. No client and no mail server notices: each message is accepted and delivered
// once, each with the mark of the script that was current when its session began; nobody is refused at the socket. The old process ends
// by itself, without error, when its last session has.
func TestSuccessor(t *testing.T) {
	needPostfix(t)
	mta.Adopt(t)
	for _, s := range sockets {
		t.Run(s.name, func(t *testing.T) {
			spec := s.spec(t)
			f := newFilter(t, spec, "one")
			d := mta.Daemon(t, f.run())
			at := newSite(t, spec, mta.Tempfail)
			r := newTraffic(t, at.server.Addr)
			k := newKnocks(address(t, spec))
			words := []string{"one", "two", "three"}
			var sent []mail
			handing := map[int][]string{}
			for i, next := range words[1:] {
				settled := r.next()
				r.await(t, 20, settled, true)
				sessions := hold(t, at.server.Addr, settled, d)
				f.write(t, marker(next))
				during := r.next()
				handing[during] = words[i : i+2]
				old := began(t, f)
				d.Signal(t, syscall.SIGUSR2)
				successor := d.Successor(t)
				d.Terminate() // as systemctl stop does it to all processes of a service: it ends like that already
				r.await(t, 20, during, true)
				for range 20 { // while the old one still has sessions
					if now := began(t, f); !now.After(old) {
						t.Fatal("the control socket leads to the old process")
					}
				}
				sent = append(sent, finish(sessions)...)
				d.Ended(t)
				handing[settled] = words[i : i+1]
				d = successor
			}
			last := r.next()
			r.await(t, 20, last, true)
			k.end(t)
			b := at.settle(t, append(sent, r.end(t)...))
			b.allAccepted(t)
			handing[last] = words[2:]
			for phase, want := range handing {
				b.marked(t, phase, want...)
			}
			at.quiet(t)
		})
	}
}

// TestStopWhileHandingOver sends SIGTERM while a successor is being started that does not get ready, because its configuration comes from a
// pipe and does not end. The daemon ends as usual, and leaves no other process behind.
func TestStopWhileHandingOver(t *testing.T) {
	mta.Adopt(t)
	spec := mta.UnixSpec(t)
	f := newFilter(t, spec, "one")
	d := mta.Daemon(t, f.run())
	if err := errors.Join(os.Remove(f.config), syscall.Mkfifo(f.config, 0o644)); err != nil {
		t.Fatal(err)
	}
	d.Signal(t, syscall.SIGUSR2)
	pipe := whenRead(t, f.config)
	d.Signal(t, syscall.SIGUSR2) // which it does already
	if err := knock(address(t, spec)); err != nil {
		t.Errorf("while a successor is being started: %v", err)
	}
	d.Stop(t)
	d.WaitLine(t, "the new process did not get ready", "killed")
	d.WaitLine(t, `"message":"stopping"`, "terminated")
	if n := strings.Count(d.Log(), "handing over"); n != 1 {
		t.Errorf("it handed over %d times", n)
	}
	if _, err := pipe.WriteString("# nobody reads\n"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("somebody still reads the configuration: %v", err)
	}
}

// whenRead opens a named pipe for writing as soon as somebody reads it.
func whenRead(t *testing.T, path string) *os.File {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		pipe, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			t.Cleanup(func() { pipe.Close() })
			return pipe
		}
		if !errors.Is(err, syscall.ENXIO) {
			t.Fatal(err)
		}
	}
	t.Fatalf("nobody reads %s", path)
	return nil
}

// TestActivation has somebody else hold the listening socket, as systemd does for a socket unit, and replaces the daemon by SIGTERM: by
// one that has started before, or by one that starts when the first has ended, as systemctl restart does it.
func TestActivation(t *testing.T) {
	needPostfix(t)
	for _, s := range sockets {
		for _, overlap := range []bool{true, false} {
			name := s.name + ", the second starts when the first has ended"
			if overlap {
				name = s.name + ", the second starts while the first serves"
			}
			t.Run(name, func(t *testing.T) { replaceActivated(t, s.spec(t), overlap) })
		}
	}
}

func replaceActivated(t *testing.T, spec string, overlap bool) {
	socket := listening(t, spec)
	first, second := newFilter(t, spec, "one").run(), newFilter(t, spec, "two").run()
	first.Sockets, second.Sockets = []*os.File{socket}, []*os.File{socket}
	one := mta.Daemon(t, first)
	at := newSite(t, spec, mta.Tempfail)
	r := newTraffic(t, at.server.Addr)
	k := newKnocks(address(t, spec))
	before := r.next()
	r.await(t, 20, before, true)
	sessions := hold(t, at.server.Addr, before, one)
	during := r.next()
	if overlap {
		mta.Daemon(t, second)
		r.await(t, 20, during, true)
	}
	one.Terminate()
	one.WaitLine(t, `"message":"stopping"`)
	sent := finish(sessions)
	one.Ended(t)
	if !overlap {
		mta.Daemon(t, second)
	}
	after := r.next()
	r.await(t, 20, after, true)
	k.end(t)
	b := at.settle(t, append(sent, r.end(t)...))
	b.allAccepted(t)
	b.marked(t, before, "one")
	b.markedIfAny(t, during, "one", "two")
	b.marked(t, after, "two")
	at.quiet(t)
}

// listening opens the socket of a spec as systemd would, and returns it.
func listening(t *testing.T, spec string) *os.File {
	t.Helper()
	l, err := net.Listen(address(t, spec))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var f *os.File
	switch l := l.(type) {
	case *net.TCPListener:
		f, err = l.File()
	case *net.UnixListener:
		if err := os.Chmod(l.Addr().String(), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err = l.File()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// address is what net.Dial takes for a spec.
func address(t *testing.T, spec string) (network, address string) {
	t.Helper()
	s, err := engine.ParseSpec(strings.TrimSpace(spec))
	if err != nil {
		t.Fatal(err)
	}
	return s.Network, s.Address
}
