package protocol

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"
)

// TestClientTimeout: a filter that says nothing, and one that says progress in time.
func TestClientTimeout(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			mta, filter := connect(t, kind)
			if err := mta.SetDeadline(time.Time{}); err != nil { // but what the client sets
				t.Fatal(err)
			}
			go slowFilter(filter)
			c := NewClient(mta, 2*time.Second) // long enough for a machine that does other things as well
			if _, err := c.Negotiate(FullOffer); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Send(&Mail{Sender: []byte("<>")}); err != nil {
				t.Fatal(err)
			}
			if _, _, n, err := c.EndOfMessage(); err != nil || n != 4 {
				t.Errorf("progress %d, %v", n, err)
			}
			if _, err := c.Send(&Mail{Sender: []byte("<>")}); !errors.Is(err, os.ErrDeadlineExceeded) { // the filter's patience ends with another error
				t.Errorf("%v", err)
			}
		})
	}
}

// slowFilter answers MAIL, takes longer than anybody waits for the end of the message, and then is silent.
func slowFilter(conn net.Conn) {
	c := NewServerConn(conn)
	err := negotiate(c, everything)
	for err == nil {
		var ev Event
		if ev, err = c.Next(); err != nil {
			return
		}
		switch {
		case ev.Stage() == StageEOM:
			for range 4 {
				time.Sleep(600 * time.Millisecond)
				_ = c.Progress() // the client notices what is missing
			}
			_ = errors.Join(c.Finish(nil, Reply{}), c.Flush())
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
			return
		default:
			err = c.Reply(Reply{})
		}
	}
}

// TestBothEnds lets the two ends of this package talk over sockets: random agreements, random events and verdicts. What one sent
// the other one got, and nothing waits for ever.
func TestBothEnds(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 6
	}
	for seed := range runs {
		kind := kinds[seed%len(kinds)]
		rnd := rand.New(rand.NewPCG(uint64(seed), 7))
		mta, filter := connect(t, kind)
		told := make(chan []string, 1)
		go func() {
			rnd := rand.New(rand.NewPCG(uint64(seed), 8))
			c := NewServerConn(filter)
			var log []string
			err := negotiate(c, randomWant(rnd))
			for err == nil {
				var ev Event
				if ev, err = c.Next(); err != nil {
					break
				}
				log = append(log, describe(ev))
				if ev.Stage() == StageEOM {
					changes := []Change{{Response: RespAddHeader, Name: "X", Value: "y"}}
					err = c.Finish(changes, randomReply(rnd, c, ev))
				} else {
					err = c.Reply(randomReply(rnd, c, ev))
				}
			}
			if err != io.EOF {
				log = append(log, "error: "+err.Error())
			}
			told <- append(log, fmt.Sprint(c.Close()))
		}()
		sent, err := randomTalk(rnd, NewClient(mta, patience))
		if err != nil {
			t.Fatalf("seed %d, %s: %v", seed, kind, err)
		}
		got := <-told
		if got[len(got)-1] != "<nil>" || got[len(got)-2] != "quit" {
			t.Errorf("seed %d, %s: ends with %q", seed, kind, got[max(0, len(got)-3):])
		}
		left := sent
		for _, event := range got[:len(got)-1] {
			for len(left) > 0 && left[0] != event {
				left = left[1:]
			}
			if len(left) == 0 {
				t.Fatalf("seed %d, %s: the filter was told of %s out of order or of itself\nsent %q\ngot %q", seed, kind, event, sent, got)
			}
			left = left[1:]
		}
	}
}

// randomTalk is an MTA with a few messages.
func randomTalk(rnd *rand.Rand, c *Client) (sent []string, err error) {
	if _, err := c.Negotiate(randomOffer(rnd)); err != nil {
		return nil, err
	}
	send := func(ev Event) bool {
		if rnd.IntN(2) == 0 && err == nil {
			err = c.Macros(ev.Stage(), "i", fmt.Sprint(rnd.Uint32()))
		}
		if err != nil {
			return false
		}
		sent = append(sent, describe(ev))
		var r Reply
		r, err = c.Send(ev)
		refusedRcpt := ev.Stage() == StageRcpt && (r.Verdict == Reject || r.Verdict == Tempfail)
		return err == nil && (!r.Verdict.Final() || refusedRcpt)
	}
	ok := send(&Connect{Host: []byte("h"), Family: FamilyInet, Port: 1, Address: []byte("192.0.2.1")}) && send(&Helo{Name: []byte("h")})
	for i := 0; ok && err == nil && i < 5; i++ {
		open := send(&Mail{Sender: fmt.Appendf(nil, "<%d@b>", i), Params: MakeParams("X=1")})
		for range rnd.IntN(4) {
			open = open && send(&Rcpt{Recipient: fmt.Appendf(nil, "<%d@b>", rnd.Uint32())})
		}
		open = open && send(&Data{})
		for range rnd.IntN(10) {
			open = open && send(&Header{Name: []byte("X"), Value: fmt.Append(nil, rnd.Uint32())})
		}
		open = open && send(&EndOfHeader{})
		for range rnd.IntN(3) {
			open = open && send(&Body{Chunk: make([]byte, 1+rnd.IntN(MaxChunk))})
		}
		if open && rnd.IntN(3) > 0 {
			sent = append(sent, "eom")
			_, _, _, err = c.EndOfMessage()
			continue
		}
		if open {
			sent = append(sent, "abort")
		}
		err = errors.Join(err, c.Abort())
	}
	return append(sent, "quit"), errors.Join(err, c.Quit())
}
