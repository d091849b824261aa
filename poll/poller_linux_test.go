package poll

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Many connections need few goroutines, and each gets what is its own.
func TestManyConnections(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			before := runtime.NumGoroutine()
			r := start(t, network, echo, never)
			var all []net.Conn
			for range 300 {
				all = append(all, r.dial())
			}
			for round := range 5 {
				for i, c := range all {
					if _, err := fmt.Fprintf(c, "round %d, connection %3d", round, i); err != nil {
						t.Fatal(err)
					}
				}
				for i, c := range all {
					hear(t, c, fmt.Sprintf("round %d, connection %3d", round, i))
				}
			}
			if n := runtime.NumGoroutine() - before; n > runtime.GOMAXPROCS(0)+10 {
				t.Errorf("%d goroutines more than before", n)
			}
		})
	}
}

// Clients that write in pieces of any size, from many goroutines, get back what they wrote, and their end is seen.
func TestAnyPieces(t *testing.T) {
	var gone atomic.Int64
	r := start(t, "unix", func(c *Conn) State {
		s := echo(c)
		if s == Gone {
			gone.Add(1)
		}
		return s
	}, never)
	const clients = 40
	var wg sync.WaitGroup
	for seed := range uint64(clients) {
		c := r.dial()
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, 1))
			text := make([]byte, 100_000)
			for i := range text {
				text[i] = byte(random.Uint32())
			}
			go func() {
				for rest := text; len(rest) > 0; {
					n := min(len(rest), 1+random.IntN(3000))
					if _, err := c.Write(rest[:n]); err != nil {
						t.Error(err)
						return
					}
					rest = rest[n:]
				}
			}()
			got := make([]byte, len(text))
			if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, text) {
				t.Errorf("what came back is not what was sent (%v)", err)
			}
			_ = c.Close()
		})
	}
	wg.Wait()
	wait(t, "every end to be seen", func() bool { return gone.Load() == clients })
}

// What comes together with the end of the connection is read first, then the end.
func TestLastWords(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			said := make(chan string, 2)
			var all []byte
			r := start(t, network, func(c *Conn) State {
				b := make([]byte, 100)
				for {
					n, err := c.Read(b)
					all = append(all, b[:n]...)
					switch {
					case err == syscall.EAGAIN:
						return Cold
					case err != nil:
						said <- fmt.Sprintf("%s, %v", all, err)
						return Gone
					}
				}
			}, never)
			c := r.dial()
			if _, err := c.Write([]byte("farewell")); err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
			if got := <-said; got != "farewell, EOF" {
				t.Errorf("read %q", got)
			}
		})
	}
}

// Handlers that wait, many more than there are workers, keep nobody else from being served, and go on where they were.
func TestLeave(t *testing.T) {
	release := make(chan struct{})
	var waiting atomic.Int64
	r := start(t, "unix", answer(func(c *Conn, text string) {
		if text == "wait" {
			c.Leave()
			c.Leave() // which changes nothing
			waiting.Add(1)
			<-release
			waiting.Add(-1)
		}
	}), never)
	slow := r.tell(50, "wait")
	wait(t, "all to wait", func() bool { return waiting.Load() == 50 })
	fast := r.dial()
	for range 100 {
		say(t, fast, "at once")
	}
	close(release)
	for _, c := range slow {
		hear(t, c, "wait")
		say(t, c, "again")
	}
}

// A handler that takes long without a word about it is found out, however many of them there are.
func TestStuck(t *testing.T) {
	release := make(chan struct{})
	r := start(t, "unix", answer(func(_ *Conn, text string) {
		if text == "stick" {
			<-release
		}
	}), never)
	stuck := r.tell(3*runtime.GOMAXPROCS(0), "stick")
	fast := r.dial()
	for range 100 {
		say(t, fast, "at once")
	}
	close(release)
	for _, c := range stuck {
		hear(t, c, "stick")
		say(t, c, "again")
	}
}

// What comes while a connection is being served is not lost, and is never served at the same time.
func TestMeanwhile(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var inside sync.Map // connections
	var once atomic.Bool
	r := start(t, "unix", func(c *Conn) State {
		if _, twice := inside.LoadOrStore(c, true); twice {
			t.Error("served twice at the same time")
		}
		defer inside.Delete(c)
		s := echo(c)
		if !once.Swap(true) {
			c.Leave()
			entered <- struct{}{}
			<-release
		}
		return s
	}, never)
	c := r.dial()
	say(t, c, "one")
	<-entered
	if _, err := c.Write([]byte("two")); err != nil {
		t.Fatal(err)
	}
	other := r.dial()
	go func() { release <- struct{}{} }()
	say(t, other, "other")
	hear(t, c, "two")
}

// A connection that is warm is told when it has been quiet, once; one that is cold is not.
func TestQuiet(t *testing.T) {
	var told atomic.Int64
	r := start(t, "unix", func(c *Conn) State {
		if s := echo(c); s == Gone {
			return Gone
		}
		return Warm
	}, func() State {
		told.Add(1)
		return Cold
	})
	busy, quiet := r.dial(), r.dial()
	say(t, quiet, "x")
	began := time.Now()
	for told.Load() == 0 {
		if time.Since(began) > time.Minute {
			t.Fatal("nobody was told")
		}
		say(t, busy, "x")
	}
	say(t, quiet, "x")
	wait(t, "both to be told", func() bool { return told.Load() >= 3 })
	time.Sleep(3 * quietTime)
	if n := told.Load(); n > 4 { // the busy one too, if the machine took a long pause
		t.Errorf("told %d times", n)
	}
	say(t, quiet, "x")
}

// A poller that is closed serves nobody any more.
func TestClosedPoller(t *testing.T) {
	p, err := New(quietTime)
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Listen(socket(t, "unix"))
	if err != nil {
		t.Fatal(err)
	}
	c, other := meet(t, l)
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	if err := c.Start(&handler{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Start: %v", err)
	}
	if err := errors.Join(c.Close(), l.Close(), other.Close()); err != nil {
		t.Error(err)
	}
}
