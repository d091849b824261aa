package limits

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/protocol"
	"luamilter/tests/mta"
)

// TestKill kills the daemon twice with SIGKILL while 16 connections name recipients that are new to the greylist: each of more than 10,000 that
// were told to come again is known afterwards, and passes when it has waited.
func TestKill(t *testing.T) {
	const connections, each = 16, 5000
	socket, run := configured(t, "file:FOLDER/state.db")
	told := make([][]string, connections) // to come again, by connection
	for round := range 2 {
		d := mta.Daemon(t, run)
		var answers atomic.Int64
		enough := make(chan struct{})
		var all sync.WaitGroup
		for i := range connections {
			c := dial(t, socket)
			all.Go(func() {
				for n := 0; ; n++ {
					name := fmt.Sprintf("user-%d-%d-%d", round, i, n)
					r, err := c.Send(&protocol.Rcpt{Recipient: []byte("<" + name + "@example.org>")})
					if err != nil {
						return // it was killed
					}
					if r.Verdict != protocol.Tempfail {
						t.Errorf("%s gets %v %q", name, r.Verdict, r.Text)
						return
					}
					told[i] = append(told[i], name)
					if answers.Add(1) == each {
						close(enough)
					}
				}
			})
		}
		select {
		case <-enough:
		case <-time.After(2 * time.Minute):
			t.Errorf("only %d answers of %d came", answers.Load(), each)
		}
		d.Kill(t)
		all.Wait()
	}
	time.Sleep(1500 * time.Millisecond) // the delay of the greylist: who is known has waited, who is not must wait again
	mta.Daemon(t, run)
	var all sync.WaitGroup
	sum := 0
	for _, names := range told {
		c := dial(t, socket)
		sum += len(names)
		all.Go(func() {
			for _, name := range names {
				if r := c.rcpt(name); r.Verdict != protocol.Continue {
					t.Errorf("%s was told to come again, and gets %v %q", name, r.Verdict, r.Text)
					return
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d were told to come again, and pass", sum)
}
