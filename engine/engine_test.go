package engine

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"luamilter/protocol"
)

// shutdown stops an engine within a time and returns the error.
func (r *rig) shutdown(d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return r.engine.Shutdown(ctx)
}

// Sessions that are under way go on to their end; nobody else is let in.
func TestShutdownDrains(t *testing.T) {
	r := start(t, `
function mail() return continue end
function eom(conn, msg) msg:add_header("X", "1") end
function close() log.info("close") end`)
	m := r.mta()
	m.dialog("mail one -> continue")
	stopped := make(chan error, 1)
	go func() { stopped <- r.shutdown(patience) }()
	wait(t, "the socket to be closed", func() bool { // without connecting, which the script would hear of
		_, err := os.Stat(r.addr)
		return errors.Is(err, fs.ErrNotExist)
	})
	if c, err := net.Dial("unix", r.addr); err == nil {
		t.Error("somebody was let in", c.Close())
	}
	m.dialog(`
		eom -> continue, ADDHEADER X: 1
		mail two -> continue
		eom -> continue, ADDHEADER X: 1`)
	select {
	case err := <-stopped:
		t.Fatalf("stopped while a session was open: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	m.dialog("quit")
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	equal(t, "said", r.said(), []string{"close"})
	noErrors(t, r)
}

// At the deadline the rest is closed, and the error says how many.
func TestShutdownDeadline(t *testing.T) {
	r := start(t, `
function connect() return continue end
function abort() log.info("abort") end
function close() log.info("close") end`)
	for range 2 {
		r.mta().dialog("connect -> continue\nmail one")
	}
	err := r.shutdown(30 * time.Millisecond)
	if err == nil || err.Error() != "2 connections were closed before their MTA was done: context deadline exceeded" {
		t.Errorf("%v", err)
	}
	if n := r.engine.Sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
	equal(t, "said", r.said(), []string{"close", "close"})
	for _, l := range r.log.at("warn") {
		t.Errorf("logged %v", l)
	}
}

// A hook that waits is not waited for beyond the deadline.
func TestShutdownCutsSleepShort(t *testing.T) {
	s := defaults()
	s.limits.CommandTime = time.Hour
	r := s.start(t, `
local time = require "time"
function mail(conn)
  log.info("begins")
  time.sleep(30)
  log.info("ends")
  return continue
end`)
	m := r.mta()
	done := make(chan string, 1)
	go func() { done <- m.do("mail one") }()
	wait(t, "the hook", func() bool { return len(r.said()) == 1 })
	if err := r.shutdown(10 * time.Millisecond); err == nil {
		t.Error("no error")
	}
	if got := <-done; got != "tempfail" && !strings.HasPrefix(got, "error") { // the answer may still get through, or not
		t.Errorf("answered %s", got)
	}
	equal(t, "said", r.said(), []string{"begins"})
}

// After a shutdown there is no more serving.
func TestServeAfterShutdown(t *testing.T) {
	r := start(t, ``)
	if err := r.shutdown(patience); err != nil {
		t.Error(err)
	}
	l := open(t, "inet:0@127.0.0.1")
	if err := r.engine.Serve(l, ""); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is open: %v", err)
	}
	if err := r.shutdown(patience); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

// A reload is for new connections; those that are open keep what they began with.
func TestReload(t *testing.T) {
	r := start(t, `
function mail(conn) conn.count = (conn.connection.count or 0) + 1; conn.connection.count = conn.count return continue end
function eom(conn, msg) msg:add_header("X-Old", conn.count) end`)
	old := r.mta()
	old.dialog("mail one -> continue")
	next := defaults().load(t, `
function mail() return continue end
function eom(conn, msg) msg:add_header("X-New", "1") end`)
	t.Cleanup(next.Close)
	r.engine.Reload(map[string]*Program{"": next})
	// What is parked belongs to the old program, whose VMs are let go when they come back.
	wait(t, "the old program's VMs to be gone", func() bool { return r.program.Scripts[0].vms.made.Load() == 0 })
	fresh := r.mta()
	fresh.dialog("mail one -> continue")
	old.dialog("eom -> continue, ADDHEADER X-Old: 1\nmail two -> continue\neom -> continue, ADDHEADER X-Old: 2")
	fresh.dialog("eom -> continue, ADDHEADER X-New: 1")
	old.dialog("quitnc\nconnect\nmail three -> continue\neom -> continue, ADDHEADER X-Old: 1\nquit")
	noErrors(t, r)
}

// A reload in the middle of traffic loses nothing.
func TestReloadUnderLoad(t *testing.T) {
	const script = `
function rcpt(conn) conn.n = (conn.n or 0) + 1 return continue end
function eom(conn, msg) msg:add_header("X", conn.n) end`
	r := start(t, script)
	var traffic sync.WaitGroup
	for range 4 {
		traffic.Go(func() {
			for range 20 {
				nc, err := net.Dial("unix", r.addr)
				if err != nil {
					t.Error(err)
					return
				}
				m := r.client(nc)
				if _, err := m.Negotiate(protocol.FullOffer); err != nil {
					t.Error(err)
					return
				}
				m.dialog("mail one\nrcpt two -> continue\nrcpt three -> continue\neom -> continue, ADDHEADER X: 2\nquit")
			}
		})
	}
	for range 10 {
		p := defaults().load(t, script)
		r.engine.Reload(map[string]*Program{"": p})
		time.Sleep(2 * time.Millisecond)
	}
	traffic.Wait()
	r.ended()
	noErrors(t, r)
}

// tiredListener fails a few times before it listens.
type tiredListener struct {
	net.Listener
	mu    sync.Mutex
	fails int
	tries int
}

func (l *tiredListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	l.tries++
	tired := l.tries <= l.fails
	l.mu.Unlock()
	if tired {
		return nil, &net.OpError{Op: "accept", Net: "unix", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

// Errors of accept that pass are waited out, a little longer each time.
func TestAcceptErrors(t *testing.T) {
	s := defaults()
	r := &rig{t: t, program: s.load(t, `function mail() return continue end`)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	l := &tiredListener{Listener: open(t, "inet:0@127.0.0.1"), fails: 4}
	done := make(chan error, 1)
	go func() { done <- r.engine.Serve(l, "") }()
	t.Cleanup(func() { stopEngine(t, r.engine, done) })
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r.over(nc).dialog("mail one -> continue\nquit")
	lines := r.log.at("error")
	if len(lines) != 4 {
		t.Fatalf("logged %v", lines)
	}
	for i, want := range []string{"5ms", "10ms", "20ms", "40ms"} {
		if lines[i]["retry_in"] != want || lines[i]["message"] != "cannot accept a connection" {
			t.Errorf("logged %v, want to try again in %s", lines[i], want)
		}
	}
}

// lateListener gives out what it has accepted only when it is closed, as one may that another thread closes at that moment.
type lateListener struct {
	net.Listener
	accepted, closed chan struct{}
}

func (l *lateListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err == nil {
		close(l.accepted)
		<-l.closed
	}
	return nc, err
}

func (l *lateListener) Close() error {
	defer close(l.closed)
	return l.Listener.Close()
}

// A connection that is accepted while the listener is being closed is served, and waited for: its MTA has been let in.
func TestShutdownWhileAccepting(t *testing.T) {
	s := defaults()
	r := &rig{t: t, program: s.load(t, `function mail() return continue end`)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	l := &lateListener{open(t, "inet:0@127.0.0.1"), make(chan struct{}), make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- r.engine.Serve(l, "") }()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	<-l.accepted
	stopped := make(chan error, 1)
	go func() { stopped <- r.shutdown(patience) }()
	<-l.closed
	r.over(nc).dialog("mail one -> continue\nquit")
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.program.Close()
	noErrors(t, r)
}

// A shutdown does not wait for a listener that fails on and on.
func TestShutdownWhileAcceptFails(t *testing.T) {
	s := defaults()
	r := &rig{t: t, program: s.load(t, ``)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	l := &tiredListener{Listener: open(t, "inet:0@127.0.0.1"), fails: 1 << 30}
	done := make(chan error, 1)
	go func() { done <- r.engine.Serve(l, "") }()
	wait(t, "an error", func() bool { return len(r.log.at("error")) >= 3 })
	stopEngine(t, r.engine, done) // or it has no end
}

// slowListener accepts nobody until it is interrupted, as that of a process that gets no time.
type slowListener struct {
	*net.TCPListener
	once        sync.Once
	interrupted chan struct{}
}

func (l *slowListener) Accept() (net.Conn, error) {
	<-l.interrupted
	return l.TCPListener.Accept()
}

func (l *slowListener) SetDeadline(t time.Time) error {
	defer l.once.Do(func() { close(l.interrupted) })
	return l.TCPListener.SetDeadline(t)
}

// Connections that wait in the queue of the kernel when a shutdown begins are served: their MTA has been told that it is connected.
func TestShutdownEmptiesQueue(t *testing.T) {
	s := defaults()
	r := &rig{t: t, program: s.load(t, `function mail() return continue end`)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	l := &slowListener{TCPListener: open(t, "inet:0@127.0.0.1").(*net.TCPListener), interrupted: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- r.engine.Serve(l, "") }()
	var waiting []net.Conn
	for range 5 {
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, nc)
	}
	r.engine.StopAccepting()
	if n := r.engine.Sessions(); n != len(waiting) {
		t.Errorf("%d of %d are sessions when no more are accepted", n, len(waiting))
	}
	stopped := make(chan error, 1)
	go func() { stopped <- r.shutdown(30 * time.Second) }()
	for _, nc := range waiting {
		r.over(nc).dialog("mail one -> continue\nquit")
	}
	if err := errors.Join(<-stopped, <-done); err != nil {
		t.Error(err)
	}
	if nc, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("somebody was let in", nc.Close())
	}
	r.program.Close()
	noErrors(t, r)
}

// Who connects and leaves without a word has not failed to agree, and nobody is warned of it: load balancers do so to see whether somebody listens.
func TestLeavesWithoutAWord(t *testing.T) {
	s := defaults()
	r := &rig{t: t, program: s.load(t, ``)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	l := open(t, "inet:0@127.0.0.1")
	done := make(chan error, 1)
	go func() { done <- r.engine.Serve(l, "") }()
	t.Cleanup(func() { stopEngine(t, r.engine, done) })
	for _, c := range []struct {
		name         string
		linger       int // 0: the connection is reset
		says         string
		negotiations uint64 // that have failed so far
	}{
		{"it closes", -1, "", 0},
		{"it resets", 0, "", 0},
		{"it closes in the middle of its offer", -1, "\x00\x00\x00\x0dO\x00", 1},
		{"it speaks something else", -1, "GET / HTTP/1.0\r\n\r\n", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			wait(t, "it is served", func() bool { return r.engine.Sessions() == 1 })
			_, err = nc.Write([]byte(c.says))
			if err := errors.Join(err, nc.(*net.TCPConn).SetLinger(c.linger), nc.Close()); err != nil {
				t.Fatal(err)
			}
			wait(t, "the connection to end", func() bool { return r.engine.Sessions() == 0 })
			if got := r.engine.Counts()[""].Negotiations; got != c.negotiations {
				t.Errorf("%d negotiations have failed, want %d", got, c.negotiations)
			}
			if got := r.log.at("warn"); uint64(len(got)) != c.negotiations {
				t.Errorf("logged %v", got)
			}
		})
	}
}
