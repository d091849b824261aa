package protocol

import (
	"net"
	"testing"
	"time"
)

// TestQuickAck: Sendmail writes macros and the command they belong to in two writes, and does not turn Nagle's algorithm off. Each
// such pair must not wait for a delayed acknowledgement, which takes 40 ms.
func TestQuickAck(t *testing.T) {
	const pairs = 20
	best := time.Hour
	for range 3 { // of which one may be disturbed by what else the machine does
		mta, filter := connect(t, "tcp")
		if err := mta.(*net.TCPConn).SetNoDelay(false); err != nil {
			t.Fatal(err)
		}
		go func() {
			c := NewServerConn(filter)
			if negotiate(c, everything) == nil {
				_, _ = answerAll(c, nil)
			}
			_ = c.Close()
		}()
		if _, err := mta.Write(command('O')); err != nil {
			t.Fatal(err)
		}
		readAnswer(t, mta)
		start := time.Now()
		for range pairs {
			for _, letter := range []byte("DM") {
				if _, err := mta.Write(command(letter)); err != nil {
					t.Fatal(err)
				}
			}
			readAnswer(t, mta)
		}
		best = min(best, time.Since(start))
	}
	if best > pairs*20*time.Millisecond {
		t.Errorf("%d pairs of macros and command took %v", pairs, best)
	}
}
