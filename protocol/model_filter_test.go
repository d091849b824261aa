package protocol

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomReply is a verdict that the filter may give at the event.
func randomReply(rnd *rand.Rand, c *ServerConn, ev Event) Reply {
	if !c.Owed() || rnd.IntN(4) != 0 {
		return Reply{}
	}
	switch rnd.IntN(6) {
	case 0:
		return Reply{Verdict: Accept}
	case 1:
		return Reply{Reject, 550, "5.7.1", "no\n100% no"}
	case 2:
		return Reply{Verdict: Tempfail}
	case 3:
		if ev.Stage().InMessage() {
			return Reply{Verdict: Discard}
		}
	case 4:
		if ev.Stage() == StageBody && c.Agreed().Steps&CanSkip != 0 {
			return Reply{Verdict: Skip}
		}
	}
	return Reply{Verdict: Reject}
}

// randomFilter answers to the end and returns what it was told.
func randomFilter(t *testing.T, rnd *rand.Rand, c *ServerConn) (log []string) {
	t.Helper()
	for {
		ev, err := c.Next()
		if err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			return log
		}
		log = append(log, describe(ev))
		r := randomReply(rnd, c, ev)
		if ev.Stage() != StageEOM {
			err = c.Reply(r)
		} else {
			for rnd.IntN(3) == 0 && err == nil {
				err = c.Progress()
			}
			if err == nil {
				err = c.Finish([]Change{{Response: RespAddHeader, Name: "X", Value: "y"}, Quarantine("x")}[:rnd.IntN(3)], r)
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", describe(ev), err)
		}
		if s := ev.Stage(); s.InMessage() && s != StageEOM && s != StageAbort && !c.message.open {
			log = append(log, verdictGiven)
		}
	}
}

// verdictGiven stands between events where a verdict ended a message.
const verdictGiven = "verdict"

// randomWant and randomOffer: anything that agrees.
func randomWant(rnd *rand.Rand) Want {
	w := Want{Events: Stages(rnd.Uint32()), Replies: Stages(rnd.Uint32()), Actions: ActAddHeader | ActQuarantine, Extras: CanSkip}
	if rnd.IntN(3) == 0 {
		w.Events, w.Replies = everything.Events, everything.Replies
	}
	return w
}

func randomOffer(rnd *rand.Rand) Offer {
	o := FullOffer
	if rnd.IntN(3) == 0 {
		o.Steps &= Steps(rnd.Uint32()) | NoConnect // not none at all, which would mean others
	}
	if rnd.IntN(3) == 0 {
		o.Version = 2 + rnd.Uint32N(6)
	}
	return o
}

// checkOrder: whatever the MTA does, what the filter is told makes sense.
func checkOrder(t *testing.T, steps Steps, log []string) {
	t.Helper()
	open, began, quit := false, false, false
	for i, event := range log {
		name, _, _ := strings.Cut(event, " ")
		wrong := quit
		switch name {
		case "connect":
			wrong, began = wrong || began || open, true
		case "helo":
			wrong, began = wrong || open, true
		case "mail":
			wrong, began, open = wrong || open, true, true
		case "rcpt", "data", "header", "eoh", "body", "eom":
			if steps&NoMail != 0 {
				open = true
			}
			wrong, began = wrong || !open && !announced(log[:i]), true
			open = open && name != "eom"
		case "abort":
			wrong, open = wrong || !open && !announced(log[:i]), false
		case verdictGiven:
			open = false
		case "quit_nc":
			wrong, began = wrong || open, false
		case "quit":
			wrong, quit = wrong || open, true
		}
		if wrong {
			t.Errorf("event %d, %s, makes no sense after\n%s", i+1, event, strings.Join(log[:i], "\n"))
			return
		}
	}
}

// announced reports whether a message may be open that the filter was not told the beginning of, as it did not want MAIL.
func announced(log []string) bool {
	for _, event := range log {
		if strings.HasPrefix(event, "mail") {
			return false
		}
	}
	return true
}
