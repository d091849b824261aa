package protocol

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
)

// messageOf returns what an MTA sends for one message, with the MAIL's macros; letters as in payloads.
func messageOf(letters string) (stream []byte) {
	for _, letter := range []byte(letters) {
		stream = append(stream, command(letter)...)
	}
	return stream
}

// TestSystemCalls counts reads and writes of a conversation, which are system calls on a socket.
func TestSystemCalls(t *testing.T) {
	silent := Want{Events: everything.Events, Actions: AllActions}
	headers := strings.Repeat("DL", 30)
	for _, test := range []struct {
		name          string
		want          Want
		segments      []string // letters that come in one piece each
		reads, writes int      // with the negotiation, and the read that finds the end
	}{
		{"a message, every answer", everything, []string{"C", "H", "M", "R", "T", "L", "N", "B", "E", "AAQ"}, 11, 10},
		{"the same with macros in the same piece", everything, []string{"DC", "DH", "DM", "DR", "DT", "DL", "DN", "DB", "DE", "AAQ"}, 11, 10},
		{"the same with macros in pieces of their own", everything, []string{"D", "C", "D", "H", "D", "M", "D", "R", "D", "E", "AAQ"}, 12, 6},
		{"no answer but to the end: three reads and one write for a message", silent, []string{"DCDH", "DMDRDRDT", headers + "DNDBDE", "DMDRDRDT", headers + "DNDBDE", "AAQ"}, 7, 3},
		{"a whole message at once", silent, []string{"DCDHDMDRDT" + headers + "DNDBDE", "Q"}, 3, 2},
		{"a hundred events wanted by nobody", Want{}, []string{strings.Repeat("DL", 100) + "E", "Q"}, 3, 2},
		{"answers to what came in one piece leave in one piece", everything, []string{strings.Repeat("MRTLNB", 20), "Q"}, 3, 2},
	} {
		segments := [][]byte{command('O')}
		for _, letters := range test.segments {
			segments = append(segments, messageOf(letters))
		}
		w := newWire(segments...)
		c := NewServerConn(w)
		if err := negotiate(c, test.want); err != nil {
			t.Fatal(err)
		}
		for {
			ev, err := c.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			if _, ok := ev.(*EndOfMessage); ok {
				err = c.Finish([]Change{{Response: RespAddHeader, Name: "X", Value: "y"}, Quarantine("x")}[:len(test.want.Actions.String())/100], Reply{})
			} else {
				err = c.Reply(Reply{})
			}
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
		}
		if w.reads != test.reads || w.writes != test.writes {
			t.Errorf("%s: %d reads and %d writes, want %d and %d", test.name, w.reads, w.writes, test.reads, test.writes)
		}
	}
}

// TestChangesAndVerdictInOneWrite: an MTA on TCP that sees two writes waits 40 ms between them.
func TestChangesAndVerdictInOneWrite(t *testing.T) {
	c, w, _ := serverAt(t, everything, "CHMRTLNBE")
	w.writes = 0
	h := NewHeaderEdit([]Field{{Name: "Subject", Value: "hello"}})
	h.Add(Field{Name: "X-A", Value: "1"})
	h.Insert(0, Field{Name: "X-B", Value: "2"})
	h.Delete(h.Find("Subject", 1))
	changes := append(h.Changes(Postfix), ChangeSender("a@b", ""), AddRecipient("c@d", ""), DeleteRecipient("<b@here.example>"))
	changes = append(changes, replaceBody(bytes.Repeat([]byte("x"), 100_000)))
	if err := c.Finish(changes, Reply{}); err != nil {
		t.Fatal(err)
	}
	if w.writes != 0 {
		t.Errorf("%d writes before the MTA is waited for", w.writes)
	}
	if _, err := c.Next(); err != io.EOF || w.writes != 1 {
		t.Errorf("%d writes, %v", w.writes, err)
	}
	if got := codes(splitFrames(t, w.answers[len(w.answers)-1])); got != "mihe+-bbc" {
		t.Errorf("sent %s", got)
	}
}

// TestBodyReads: a body of full chunks takes one read a chunk, once the buffer has grown.
func TestBodyReads(t *testing.T) {
	const chunks = 10
	w := newWire(command('O'), command('M'))
	for range chunks {
		w.segments = append(w.segments, frame('B', strings.Repeat("x", MaxChunk)))
	}
	c := NewServerConn(w)
	if err := negotiate(c, everything); err != nil {
		t.Fatal(err)
	}
	if _, err := answerAll(c, nil); err != io.EOF {
		t.Fatal(err)
	}
	if limit := 2 + chunks + 2; w.reads > limit {
		t.Errorf("%d reads, want %d at most", w.reads, limit)
	}
}

// loopWire gives the same bytes again and again.
type loopWire struct {
	wire
	setUp []byte
	loop  []byte
	at    int
}

func (w *loopWire) Read(p []byte) (int, error) {
	if len(w.setUp) > 0 {
		n := copy(p, w.setUp)
		w.setUp = w.setUp[n:]
		return n, nil
	}
	n := copy(p, w.loop[w.at:])
	if w.at += n; w.at == len(w.loop) {
		w.at = 0
	}
	return n, nil
}

func (w *loopWire) Write(p []byte) (int, error) { return len(p), nil }

// newLoop returns a server that reads the bytes for ever.
func newLoop(t testing.TB, want Want, loop []byte) *ServerConn {
	t.Helper()
	c := NewServerConn(&loopWire{setUp: command('O'), loop: loop})
	if err := negotiate(c, want); err != nil {
		t.Fatal(err)
	}
	return c
}

// answerOne reads and answers one event.
func answerOne(c *ServerConn, changes []Change) error {
	ev, err := c.Next()
	if err != nil {
		return err
	}
	if ev.Stage() == StageEOM {
		return c.Finish(changes, Reply{})
	}
	return c.Reply(Reply{})
}

// TestNoAllocations: once buffers have grown, no event costs an allocation.
func TestNoAllocations(t *testing.T) {
	whole := messageOf("DCDHDMDRDRDTDLDLDNDBDEADMDRA")
	large := append(append(command('M'), frame('B', strings.Repeat("x", MaxChunk))...), command('E')...)
	macros := bytes.ReplaceAll(whole, command('D'), frame('D', "M"+strings.Repeat("{macro_name}\x00value\x00", 8)))
	changes := []Change{{Response: RespAddHeader, Name: "X-Rcpt-Count", Value: "2"}}
	silent := Want{Events: everything.Events, Actions: ActAddHeader}
	for _, test := range []struct {
		name    string
		want    Want
		loop    []byte
		events  int // in one loop
		changes []Change
	}{
		{"every event, every answer", everything, whole, 15, nil},
		{"every event, no answer", silent, whole, 15, nil},
		{"every event and a change", everything, whole, 15, changes},
		{"nothing wanted but the end", Want{Events: stageSet(StageMail, StageEOM)}, messageOf("DMDRDTDLDNDBDE"), 2, nil},
		{"many macros", everything, macros, 15, nil},
		{"large chunks", everything, large, 3, nil},
		{"a body replaced", everything, messageOf("ME"), 2, []Change{replaceBody(make([]byte, 200_000))}},
		{"a verdict on each message", everything, messageOf("MA"), 1, nil},
	} {
		c := newLoop(t, test.want, test.loop)
		run := func() {
			for range test.events {
				if err := answerOne(c, test.changes); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 10 {
			run()
		}
		if n := testing.AllocsPerRun(200, run); n != 0 {
			t.Errorf("%s: %v allocations for %d events", test.name, n, test.events)
		}
	}
}

// TestNoAllocationsForVerdictsAndMacros: neither does a final verdict, nor a look at a macro.
func TestNoAllocationsForVerdictsAndMacros(t *testing.T) {
	c := newLoop(t, everything, messageOf("DMR"))
	reply := Reply{Reject, 550, "5.7.1", "go away"}
	run := func() {
		if _, err := c.Next(); err != nil {
			t.Fatal(err)
		}
		if v, ok := c.Macros().Get("{i}"); !ok || len(v) == 0 {
			t.Fatal("no macro")
		}
		if err := c.Reply(reply); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		run()
	}
	if n := testing.AllocsPerRun(200, run); n != 0 {
		t.Errorf("%v allocations for a verdict", n)
	}
}

// TestNoAllocationsForFrames: nor does a packet.
func TestNoAllocationsForFrames(t *testing.T) {
	f := newFrameReader(&loopWire{loop: messageOf("DCDHDMDRTLNBE")})
	run := func() {
		for {
			_, _, ok, err := f.frame()
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				return
			}
			if err := f.fill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := testing.AllocsPerRun(1000, run); n != 0 {
		t.Errorf("%v allocations for a packet", n)
	}
}

// TestIdleSize: what a connection holds while nothing happens, in buffers.
func TestIdleSize(t *testing.T) {
	w := newWire(command('O'), messageOf("DCDHDMDRTLN"), frame('B', strings.Repeat("x", MaxChunk)), command('E'), command('A'))
	c := NewServerConn(w)
	if err := negotiate(c, everything); err != nil {
		t.Fatal(err)
	}
	for {
		err := answerOne(c, []Change{replaceBody(make([]byte, 200_000))})
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(c.in.buf) > smallBuffer || c.in.large != nil || cap(c.out) > smallBuffer || c.largeOut != nil {
		t.Errorf("keeps %d bytes to read into and %d to write from", len(c.in.buf), cap(c.out))
	}
	if c.Rest(); len(c.in.buf) != tinyBuffer || c.in.small != nil {
		t.Errorf("keeps %d bytes to read into at rest", len(c.in.buf))
	}
}

// TestRestLosesNothing: a connection may be put to rest while replies and packets are waiting.
func TestRestLosesNothing(t *testing.T) {
	w := newWire(command('O'), slices.Concat(messageOf("MRTLNE"), messageOf("MRTLNE")), command('Q'))
	c := NewServerConn(w)
	if err := negotiate(c, everything); err != nil {
		t.Fatal(err)
	}
	messages := 0
	for {
		ev, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if ev.Stage() == StageClose {
			break
		}
		if ev.Stage() != StageEOM {
			if err := c.Reply(Reply{}); err != nil {
				t.Fatal(err)
			}
			c.Rest()
			continue
		}
		messages++
		if err := c.Finish([]Change{replaceBody(bytes.Repeat([]byte("x"), 300_000))}, Reply{Verdict: Accept}); err != nil {
			t.Fatal(err)
		}
		c.Rest()
	}
	out := slices.Concat(append(w.answers, w.out.Bytes())...)
	if n := bytes.Count(out, frame('a', "")); n != 2 || messages != 2 || bytes.Count(out, []byte("x")) != 600_000 {
		t.Errorf("%d of %d messages were answered, with %d bytes", n, messages, len(out))
	}
}
