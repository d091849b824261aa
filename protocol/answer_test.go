package protocol

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"testing"
)

// serverAt returns a connection that has read the commands, answering all but the last event, and that event.
func serverAt(t *testing.T, want Want, letters string) (*ServerConn, *wire, Event) {
	t.Helper()
	return serverAtOffer(t, FullOffer, want, letters)
}

func serverAtOffer(t *testing.T, offer Offer, want Want, letters string) (*ServerConn, *wire, Event) {
	t.Helper()
	w := newWire(frame('O', string(offer.appendPayload(nil))))
	for _, letter := range []byte(letters) {
		w.segments = append(w.segments, command(letter))
	}
	c := NewServerConn(w)
	if err := negotiate(c, want); err != nil {
		t.Fatal(err)
	}
	var ev Event
	for i := range letters {
		if i > 0 {
			if err := c.Reply(Reply{}); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if ev, err = c.Next(); err != nil {
			t.Fatal(err)
		}
	}
	w.note()
	return c, w, ev
}

// TestReplyRules: what may be said where.
func TestReplyRules(t *testing.T) {
	full, err := NewReply(Reject, 550, "5.7.1", "go away")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, at string
		reply    Reply
		out, err string
	}{
		{"reject with a text", "CHMR", full, "y550 5.7.1 go away\x00", ""},
		{"discard at CONNECT", "C", Reply{Verdict: Discard}, "", "discard at connect; MTAs ignore it there"},
		{"discard at HELO", "CH", Reply{Verdict: Discard}, "", "discard at helo"},
		{"discard at UNKNOWN", "CHU", Reply{Verdict: Discard}, "", "discard at unknown"},
		{"skip at HEADER", "CHMRTL", Reply{Verdict: Skip}, "", "skip at header; it works only at body"},
		{"a class that does not fit", "CHM", Reply{Reject, 450, "", "x"}, "", "from 500 to 599"},
		{"a text with a line end", "CHM", Reply{Reject, 550, "", "a\rb"}, "", "carriage return"},
		{"no verdict", "CHM", Reply{Verdict: 99}, "", "verdict 99"},
		{"Reply at the end of the message", "CHMRE", Reply{}, "", "answered by Finish"},
	} {
		c, w, _ := serverAt(t, everything, test.at)
		err := c.Reply(test.reply)
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.err)
		}
		if test.err != "" && !c.Owed() {
			t.Errorf("%s: cannot be answered any more", test.name)
		}
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		want := ""
		if test.out != "" {
			want = string(frame(test.out[0], test.out[1:]))
		}
		if got := w.out.String(); got != want {
			t.Errorf("%s: wrote %q, want %q", test.name, got, want)
		}
	}
}

func TestReplyWhereNoneIsOwed(t *testing.T) {
	silent := Want{Events: everything.Events}
	for _, test := range []struct {
		name string
		want Want
		at   string
	}{
		{"negotiated", silent, "CHM"}, {"ABORT", everything, "CHMA"}, {"QUIT", everything, "CHQ"}, {"out of order", everything, "CHR"},
	} {
		c, w, _ := serverAt(t, test.want, test.at)
		w.out.Reset()
		if c.Owed() {
			t.Errorf("%s: a reply is owed", test.name)
		}
		if err := c.Reply(Reply{}); err != nil {
			t.Errorf("%s: continue: %v", test.name, err)
		}
		if err := c.Reply(Reply{Verdict: Reject}); err != ErrNotOwed {
			t.Errorf("%s: reject: %v", test.name, err)
		}
		if err := c.Finish(nil, Reply{}); err == nil {
			t.Errorf("%s: Finish is taken", test.name)
		}
		if err := c.Progress(); err == nil {
			t.Errorf("%s: progress is taken", test.name)
		}
		out := splitFrames(t, c.out)
		if test.name == "out of order" {
			out = out[1:] // the tempfail of its own
		}
		if w.out.Len() > 0 || len(out) > 0 {
			t.Errorf("%s: wrote %q %q", test.name, w.out.Bytes(), c.out)
		}
	}
}

// TestBuffered tells whether Next may have something without waiting.
func TestBuffered(t *testing.T) {
	w := newWire(command('O'), command('C'), messageOf("MH"), frame('M', "<>\x00")[:3])
	c := NewServerConn(w)
	if err := negotiate(c, everything); err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		ev, err := c.Next()
		if err != nil {
			break
		}
		word, _, _ := strings.Cut(describe(ev), " ")
		if c.Buffered() {
			word += "+"
		}
		got = append(got, word)
		if err := c.Reply(Reply{}); err != nil {
			t.Fatal(err)
		}
	}
	if s := strings.Join(got, " "); s != "connect mail+ abort+ helo" || !c.Buffered() {
		t.Errorf("%s, at the end %v", s, c.Buffered())
	}
}

func TestReplyTwice(t *testing.T) {
	c, _, _ := serverAt(t, everything, "CHM")
	if err := errors.Join(c.Reply(Reply{}), c.Reply(Reply{})); err != nil {
		t.Error(err)
	}
	if err := c.Reply(Reply{Verdict: Reject}); err != ErrNotOwed {
		t.Errorf("a second verdict: %v", err)
	}
	if codes(splitFrames(t, c.out)) != "c" {
		t.Errorf("wrote %q", c.out)
	}
}

// TestNextWithoutReply: silence where an answer is owed is an error of the caller, and can be made good.
func TestNextWithoutReply(t *testing.T) {
	c, _, _ := serverAt(t, everything, "CHM")
	if _, err := c.Next(); err == nil || !strings.Contains(err.Error(), "mail was not answered") {
		t.Errorf("got %v", err)
	}
	if err := c.Reply(Reply{}); err != nil {
		t.Error(err)
	}
	if _, err := c.Next(); err != io.EOF {
		t.Errorf("got %v", err)
	}
	if _, err := c.Next(); err != io.EOF {
		t.Errorf("and again %v", err)
	}
}

// TestFinish: changes go out before the reply, in order, if the message goes on.
func TestFinish(t *testing.T) {
	changes := []Change{{Response: RespAddHeader, Name: "X", Value: "y"}, Quarantine("odd"), replaceBody(make([]byte, MaxChunk+1))}
	for _, test := range []struct {
		name    string
		changes []Change
		reply   Reply
		out     string
	}{
		{"nothing to say", nil, Reply{}, "c"},
		{"changes", changes, Reply{}, "hqbbc"},
		{"changes and accept", changes, Reply{Verdict: Accept}, "hqbba"},
		{"changes of a message that is refused", changes, Reply{Verdict: Reject}, "r"},
		{"changes of a message that is refused for now", changes, Reply{Tempfail, 451, "4.7.1", "later"}, "y"},
		{"changes of a message that is dropped", changes, Reply{Verdict: Discard}, "d"},
	} {
		c, w, _ := serverAt(t, everything, "CHMRE")
		w.writes = 0
		if err := errors.Join(c.Finish(test.changes, test.reply), c.Flush()); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := codes(splitFrames(t, w.out.Bytes())); got != test.out || w.writes != 1 {
			t.Errorf("%s: %s in %d writes, want %s", test.name, got, w.writes, test.out)
		}
		if err := c.Finish(nil, Reply{}); err == nil {
			t.Errorf("%s: can be finished again", test.name)
		}
	}
}

func TestFinishErrors(t *testing.T) {
	header := Change{Response: RespAddHeader, Name: "X", Value: "y"}
	adder := everything
	adder.Optional = ActAddHeader | ActChgBody
	for _, test := range []struct {
		name    string
		changes []Change
		reply   Reply
		want    string
	}{
		{"not negotiated", []Change{header, Quarantine("odd")}, Reply{}, "QUARANTINE was not negotiated"},
		{"the body is not last", []Change{replaceBody(nil), header}, Reply{}, "Postfix wants the body last"},
		{"a broken change", []Change{header, {Response: RespAddHeader, Name: "X Y"}}, Reply{}, "header name"},
		{"no change", []Change{{Response: RespProgress, Value: "x"}}, Reply{}, "PROGRESS is no change"},
		{"skip", nil, Reply{Verdict: Skip}, "skip at eom"},
		{"a broken reply", nil, Reply{Reject, 450, "", ""}, "from 500 to 599"},
	} {
		c, w, _ := serverAt(t, adder, "CHMRE")
		if err := c.Finish(test.changes, test.reply); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
		if err := errors.Join(c.Finish(nil, Reply{Verdict: Tempfail}), c.Flush()); err != nil {
			t.Errorf("%s: cannot be finished any more: %v", test.name, err)
		}
		if got := codes(splitFrames(t, w.out.Bytes())); got != "t" {
			t.Errorf("%s: wrote %q", test.name, got)
		}
	}
}

// TestFinishLeadingSpace: with HDR_LEADSPC the filter brings the blank after the colon, except where it deletes.
func TestFinishLeadingSpace(t *testing.T) {
	want := everything
	want.Extras = LeadingSpace
	c, w, _ := serverAt(t, want, "CHMRE")
	changes := []Change{
		{Response: RespAddHeader, Name: "A", Value: "x"}, {Response: RespAddHeader, Name: "B"}, {Response: RespInsHeader, Name: "C", Value: " x"},
		{Response: RespChgHeader, Index: 1, Name: "D", Value: "x"}, {Response: RespChgHeader, Index: 1, Name: "E"}, AddRecipient("a@b", ""),
	}
	if err := errors.Join(c.Finish(changes, Reply{}), c.Flush()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range splitFrames(t, w.out.Bytes()) {
		got = append(got, string(p.payload))
	}
	if s := strings.Join(got, "|"); s != "A\x00 x\x00|B\x00 \x00|\x00\x00\x00\x00C\x00  x\x00|\x00\x00\x00\x01D\x00 x\x00|\x00\x00\x00\x01E\x00\x00|<a@b>\x00|" {
		t.Errorf("wrote %q", s)
	}
	if changes[0].Value != "x" {
		t.Error("the caller's change was changed")
	}
}

// TestProgress goes out at once, and only at the end of the message.
func TestProgress(t *testing.T) {
	c, w, _ := serverAt(t, everything, "CHMRE")
	if err := errors.Join(c.Progress(), c.Progress()); err != nil || codes(splitFrames(t, w.out.Bytes())) != "pp" {
		t.Errorf("%q %v", w.out.Bytes(), err)
	}
	if err := errors.Join(c.Finish(nil, Reply{}), c.Flush()); err != nil || codes(splitFrames(t, w.out.Bytes())) != "ppc" {
		t.Errorf("%q %v", w.out.Bytes(), err)
	}
	if err := c.Progress(); err == nil {
		t.Error("progress after the reply")
	}
}

// TestReplaceBody: a new body goes out in packets of the largest size; an empty one takes one.
func TestReplaceBody(t *testing.T) {
	for _, test := range []struct {
		size int
		want []int
	}{
		{0, []int{0}}, {1, []int{1}}, {MaxChunk, []int{MaxChunk}}, {MaxChunk + 1, []int{MaxChunk, 1}}, {3 * MaxChunk, []int{MaxChunk, MaxChunk, MaxChunk}},
	} {
		c, w, _ := serverAt(t, everything, "CHMRE")
		body := bytes.Repeat([]byte("x"), test.size)
		before := w.out.Len()
		if err := errors.Join(c.Finish([]Change{replaceBody(body)}, Reply{}), c.Flush()); err != nil {
			t.Fatal(err)
		}
		var sizes []int
		var whole []byte
		packets := splitFrames(t, w.out.Bytes()[before:])
		for _, p := range packets[:len(packets)-1] {
			sizes = append(sizes, len(p.payload))
			whole = append(whole, p.payload...)
		}
		if !reflect.DeepEqual(sizes, test.want) || !bytes.Equal(whole, body) || codes(packets) != strings.Repeat("b", len(test.want))+"c" {
			t.Errorf("%d bytes are sent as %d: %s", test.size, sizes, codes(packets))
		}
	}
}

// TestBodyThatCannotBeRead: a body whose file breaks in the middle is an error, after which the message can be refused.
func TestBodyThatCannotBeRead(t *testing.T) {
	for _, size := range []int{0, 10, 8 * MaxChunk} { // the last when some has gone out
		c, w, _ := serverAt(t, everything, "CHMRE")
		before := w.out.Len()
		body := io.NewSectionReader(bytes.NewReader(make([]byte, size)), 0, int64(size)+1)
		if err := c.Finish([]Change{ReplaceBody(body)}, Reply{}); !errors.Is(err, io.EOF) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if err := errors.Join(c.Finish(nil, Reply{Verdict: Tempfail}), c.Flush()); err != nil {
			t.Fatal(err)
		}
		packets := splitFrames(t, w.out.Bytes()[before:])
		if got := strings.TrimLeft(codes(packets), "b"); got != "t" {
			t.Errorf("%d bytes: then %q", size, got)
		}
	}
}

// TestLargeBody: a body of some megabytes goes out in few writes, none of them huge.
func TestLargeBody(t *testing.T) {
	c, w, _ := serverAt(t, everything, "CHMRE")
	w.writes = 0
	body := bytes.Repeat([]byte("0123456789"), 300_000)
	if err := errors.Join(c.Finish([]Change{replaceBody(body)}, Reply{}), c.Flush()); err != nil {
		t.Fatal(err)
	}
	var got []byte
	packets := splitFrames(t, w.out.Bytes())
	for _, p := range packets[:len(packets)-1] {
		got = append(got, p.payload...)
	}
	if !bytes.Equal(got, body) || w.writes > len(body)/(4*MaxChunk)+1 {
		t.Errorf("%d bytes in %d writes", len(got), w.writes)
	}
	if _, err := c.Next(); err != io.EOF || cap(c.out) > smallBuffer {
		t.Errorf("keeps %d bytes, %v", cap(c.out), err)
	}
}

// TestAmplification: many short commands that call for long replies must not gather a heap of output.
func TestAmplification(t *testing.T) {
	long := Reply{Reject, 550, "5.7.1", strings.Repeat(strings.Repeat("x", MaxReplyLine)+"\n", MaxReplyLines-1)}
	w := newWire(command('O'), command('C'))
	for range 2 {
		w.segments = append(w.segments, bytes.Repeat(command('T'), 400))
	}
	peak := &peakWire{wire: w}
	c := NewServerConn(peak)
	if err := negotiate(c, everything); err != nil {
		t.Fatal(err)
	}
	if _, err := answerAll(c, func(Event) Reply { return long }); err != io.EOF {
		t.Fatal(err)
	}
	if limit := maxPending + 40_000; peak.largest > limit || peak.total < 800*30_000 {
		t.Errorf("%d bytes in one write, %d in all", peak.largest, peak.total)
	}
}

// peakWire counts what is written and forgets it.
type peakWire struct {
	*wire
	largest, total int
}

func (w *peakWire) Write(p []byte) (int, error) {
	w.largest = max(w.largest, len(p))
	w.total += len(p)
	return len(p), nil
}

// brokenWire refuses to write.
type brokenWire struct {
	*wire
	err error
}

func (w brokenWire) Write([]byte) (int, error) { return 0, w.err }

// TestWriteErrors end the connection; a time-out of writing must not look like one of reading, after which one goes on.
func TestWriteErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{net.ErrClosed, "use of closed network connection"},
		{os.ErrDeadlineExceeded, "the MTA has read nothing for 10m0s"},
	} {
		c, w, _ := serverAt(t, everything, "CHMRE")
		c.conn = brokenWire{w, test.err}
		if err := c.Finish(nil, Reply{}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_, err := c.Next()
			var timeout net.Error
			if err == nil || err.Error() != test.want || errors.As(err, &timeout) && timeout.Timeout() {
				t.Errorf("Next: %v, want %q", err, test.want)
			}
		}
		if err := c.Close(); err == nil {
			t.Error("Close says nothing")
		}
	}
}

// TestLargeBodyWriteError: the error of a write within Finish is that of Finish.
func TestLargeBodyWriteError(t *testing.T) {
	c, w, _ := serverAt(t, everything, "CHMRE")
	c.conn = brokenWire{w, net.ErrClosed}
	if err := c.Finish([]Change{replaceBody(make([]byte, 1<<20))}, Reply{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
