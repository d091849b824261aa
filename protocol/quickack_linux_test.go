package protocol

import (
	"net"
	"slices"
	"testing"
	"time"
)

// TestQuickAck: Sendmail writes macros and the command they belong to in two writes, and does not turn Nagle's algorithm off. Each
// such pair must not wait for a delayed acknowledgement, which takes 40 ms: with one, each would be late but the first, to which the kernel
// is quick; without, some may be, on a busy machine.
func TestQuickAck(t *testing.T) {
	const pairs = 100
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
	var took []time.Duration
	for range pairs {
		start := time.Now()
		for _, letter := range []byte("DM") {
			if _, err := mta.Write(command(letter)); err != nil {
				t.Fatal(err)
			}
		}
		readAnswer(t, mta)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	if usual := took[pairs/2]; usual > 30*time.Millisecond {
		t.Errorf("half of the pairs of macros and command took %v each, or more", usual)
	}
}
