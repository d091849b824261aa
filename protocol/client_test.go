package protocol

import (
	"bytes"
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"
)

// filterWire answers a client with packets that were written down, and keeps what the client says.
type filterWire struct {
	wire
	sent bytes.Buffer
}

func (w *filterWire) Write(p []byte) (int, error) {
	w.writes++
	return w.sent.Write(p)
}

// newFilterWire returns a client whose filter agrees to what is given and then says the packets, in pieces.
func newFilterWire(t *testing.T, answer Offer, pieces ...string) (*Client, *filterWire) {
	t.Helper()
	w := &filterWire{}
	w.segments = append(w.segments, frame('O', string(answer.appendPayload(nil))))
	for _, p := range pieces {
		w.segments = append(w.segments, []byte(p))
	}
	c := NewClient(w, 0)
	if _, err := c.Negotiate(FullOffer); err != nil {
		t.Fatal(err)
	}
	w.sent.Reset()
	return c, w
}

func one(code byte, payload string) string { return string(frame(code, payload)) }

// allEvents is one of each event that a client can send.
func allEvents() []Event {
	return []Event{
		&Connect{Host: []byte("mail.example"), Family: FamilyInet6, Port: 25, Address: []byte("2001:db8::1")},
		&Helo{Name: []byte("client.example")}, &Unknown{Line: []byte("FOO")},
		&Mail{Sender: []byte("<a@b.example>"), Params: MakeParams("SIZE=1", "SMTPUTF8")},
		&Rcpt{Recipient: []byte("<c@d.example>"), Params: MakeParams("NOTIFY=NEVER")}, &Data{},
		&Header{Name: []byte("Subject"), Value: []byte("a\n\tb")}, &EndOfHeader{}, &Body{Chunk: []byte("x\r\n")},
	}
}

// TestClientSends: every event as it goes over the wire, with macros before it, in one write where an answer is due.
func TestClientSends(t *testing.T) {
	var pieces []string
	for range allEvents() {
		pieces = append(pieces, one('c', ""))
	}
	pieces = append(pieces, one('c', ""))
	c, w := newFilterWire(t, Offer{Version: 6}, pieces...)
	for _, ev := range allEvents() {
		w.sent.Reset()
		w.writes = 0
		if err := c.Macros(ev.Stage(), "i", "Q1", "{x}", ""); err != nil {
			t.Fatal(err)
		}
		if r, err := c.Send(ev); err != nil || r != (Reply{}) {
			t.Errorf("%s: %+v, %v", describe(ev), r, err)
		}
		letter := byte(ev.Stage().Command())
		want := one('D', string(letter)+"i\x00Q1\x00{x}\x00\x00") + one(letter, string(ev.appendPayload(nil)))
		if got := w.sent.String(); got != want || w.writes != 1 {
			t.Errorf("%s: sent as %q in %d writes, want %q", describe(ev), got, w.writes, want)
		}
	}
	w.sent.Reset()
	if changes, r, progress, err := c.EndOfMessage(); err != nil || len(changes) > 0 || r != (Reply{}) || progress != 0 || w.sent.String() != one('E', "") {
		t.Errorf("eom: %v %+v %d %v, sent as %q", changes, r, progress, err, w.sent.String())
	}
	w.sent.Reset()
	if err := errors.Join(c.Abort(), c.QuitNC(), c.Quit()); err != nil || w.sent.String() != one('A', "")+one('K', "")+one('Q', "") || !w.closed {
		t.Errorf("%v, sent as %q", err, w.sent.String())
	}
}

// TestClientFollowsAgreement: what was negotiated away is not sent, and what is not answered is not waited for.
func TestClientFollowsAgreement(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer Offer
		want   string // letters
	}{
		{"everything", Offer{Version: 6}, "CHUMRTLNBE"},
		{"nothing", Offer{Version: 6, Steps: allNo}, "E"},
		{"some", Offer{Version: 6, Steps: NoHelo | NoHeader}, "CUMRTNBE"},
		{"no answers", Offer{Version: 6, Steps: allNR}, "CHUMRTLNBE"},
		{"version 3 knows no DATA", Offer{Version: 3}, "CHUMRLNBE"},
		{"version 2 knows no UNKNOWN", Offer{Version: 2}, "CHMRLNBE"},
	} {
		w := &filterWire{}
		w.segments = [][]byte{frame('O', string(test.answer.appendPayload(nil)))}
		c := NewClient(w, 0)
		answer, err := c.Negotiate(FullOffer)
		if err != nil || answer != test.answer || *c.Agreed() != answer {
			t.Fatalf("%s: %+v, %v", test.name, answer, err)
		}
		w.sent.Reset()
		for _, ev := range allEvents() {
			if c.Wants(ev.Stage()) && c.agreed.Owed(ev.Stage()) {
				w.segments = append(w.segments, frame('c', ""))
			}
			if r, err := c.Send(ev); err != nil || r != (Reply{}) {
				t.Fatalf("%s: %s: %+v, %v", test.name, describe(ev), r, err)
			}
		}
		w.segments = append(w.segments, frame('c', ""))
		if _, _, _, err := c.EndOfMessage(); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := codes(splitFrames(t, w.sent.Bytes())); got != test.want {
			t.Errorf("%s: sent %s, want %s", test.name, got, test.want)
		}
	}
}

// TestClientNegotiation: any version and any masks, and what an MTA refuses.
func TestClientNegotiation(t *testing.T) {
	old := Offer{Version: 2, Actions: 0x3F, Steps: 0x7F}
	var lists MacroLists
	if err := lists.Request(StageMail, []string{"i", "mail_addr"}); err != nil {
		t.Fatal(err)
	}
	answer := func(o Offer) string { return one('O', string(o.appendPayload(nil))) }
	for _, test := range []struct {
		name   string
		offer  Offer
		answer string
		err    string
	}{
		{"all", FullOffer, answer(FullOffer), ""},
		{"less", FullOffer, answer(Offer{Version: 6, Actions: ActAddHeader, Steps: CanSkip}), ""},
		{"macros", FullOffer, answer(Offer{Version: 6, Actions: ActSymList, Macros: lists}), ""},
		{"an old filter", FullOffer, answer(Offer{Version: 2, Steps: NoHelo}), ""},
		{"an old MTA", old, answer(old), ""},
		{"an MTA that offers nothing, which means version 1", Offer{Version: 2}, answer(Offer{Version: 2, Actions: 0x0F, Steps: 0x3F}), ""},
		{"a large packet", Offer{Version: 6, Steps: AllSteps | MaxData1M}, answer(Offer{Version: 6, Steps: MaxData1M}), ""},
		{"a newer filter", old, answer(Offer{Version: 6}), "version 6 to an offer of 2"},
		{"version 1", FullOffer, answer(Offer{Version: 1}), "version 1 to an offer of 6"},
		{"an action too much", old, answer(Offer{Version: 2, Actions: ActChgFrom}), "asks for CHGFROM, which was not offered"},
		{"a step too much", old, answer(Offer{Version: 2, Steps: CanSkip}), "asks for SKIP, which was not offered"},
		{"MDS not offered", FullOffer, answer(Offer{Version: 6, Steps: MaxData256K}), "asks for MDS_256K"},
		{"a short answer", FullOffer, one('O', "\x00\x00\x00\x06"), "OPTNEG has 4 bytes"},
		{"half a macro list", FullOffer, one('O', "\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "in the middle of a macro list"},
		{"another answer", FullOffer, one('c', ""), "the filter answered CONTINUE"},
		{"no answer", FullOffer, "", "EOF"},
		{"no milter", FullOffer, "220 mail.example ESMTP", "is the peer speaking the milter protocol?"},
	} {
		w := &filterWire{}
		if test.answer != "" {
			w.segments = [][]byte{[]byte(test.answer)}
		}
		c := NewClient(w, 0)
		_, err := c.Negotiate(test.offer)
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.err)
		}
		if want := answer(test.offer); w.sent.String() != want {
			t.Errorf("%s: offered %q, want %q", test.name, w.sent.String(), want)
		}
		if test.err != "" {
			if _, again := c.Send(&Data{}); again == nil || again.Error() != err.Error() {
				t.Errorf("%s: then %v", test.name, again)
			}
		}
	}
}

// TestClientReplies: replies, legal and not, at the stages before the end of the message.
func TestClientReplies(t *testing.T) {
	connect, body, rcpt := allEvents()[0], &Body{Chunk: []byte("x")}, &Rcpt{Recipient: []byte("<a@b>")}
	for _, test := range []struct {
		name  string
		event Event
		steps Steps
		said  string
		want  Reply
		err   string
	}{
		{"continue", rcpt, 0, one('c', ""), Reply{}, ""},
		{"accept", rcpt, 0, one('a', ""), Reply{Verdict: Accept}, ""},
		{"discard", rcpt, 0, one('d', ""), Reply{Verdict: Discard}, ""},
		{"a reply", rcpt, 0, one('y', "550-5.7.1 a\r\n550 5.7.1 100%%\x00"), Reply{Reject, 550, "5.7.1", "a\n100%"}, ""},
		{"half a reply", rcpt, 0, one('y', "451 x\x00")[:7], Reply{}, "reply to rcpt: unexpected EOF"},
		{"skip", body, CanSkip, one('s', ""), Reply{Verdict: Skip}, ""},
		{"skip, not negotiated", body, 0, one('s', ""), Reply{}, "reply to body: skip, which was not negotiated"},
		{"skip elsewhere", rcpt, CanSkip, one('s', ""), Reply{}, "reply to rcpt: skip, which works only at body"},
		{"discard at CONNECT", connect, 0, one('d', ""), Reply{}, "reply to connect: discard, which MTAs ignore here"},
		{"a change", rcpt, 0, one('h', "X\x00y\x00"), Reply{}, "reply to rcpt: ADDHEADER, which is allowed only at eom"},
		{"progress", rcpt, 0, one('p', ""), Reply{}, "reply to rcpt: PROGRESS, for which Sendmail drops the filter"},
		{"verdict with data", rcpt, 0, one('c', "x"), Reply{}, "CONTINUE was followed by 1 bytes of data"},
		{"malformed reply", rcpt, 0, one('y', "550 4.7.1 x\x00"), Reply{}, "another class"},
		{"two answers", rcpt, 0, one('c', "") + one('c', ""), Reply{}, "more than one reply"},
		{"nonsense", rcpt, 0, one('?', ""), Reply{}, "unexpected response '?'"},
		{"a packet of length 0", rcpt, 0, "\x00\x00\x00\x00", Reply{}, "packet of length 0"},
		{"nothing", rcpt, 0, "", Reply{}, "reply to rcpt: EOF"},
	} {
		c, w := newFilterWire(t, Offer{Version: 6, Steps: test.steps})
		if test.said != "" {
			w.segments = [][]byte{[]byte(test.said)}
		}
		r, err := c.Send(test.event)
		if test.err == "" && (err != nil || r != test.want) || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %+v, %v, want %+v, %q", test.name, r, err, test.want, test.err)
		}
		if test.err == "" {
			continue
		}
		_, err1 := c.Send(test.event)
		_, _, _, err2 := c.EndOfMessage()
		_, err3 := c.Body([]byte("x"))
		for i, again := range []error{err1, err2, err3, c.Abort(), c.Macros(StageMail)} {
			if again == nil || again.Error() != err.Error() {
				t.Errorf("%s: call %d afterwards: %v", test.name, i, again)
			}
		}
	}
}

// TestClientEOM: changes, progress and reply at the end of the message, legal and not.
func TestClientEOM(t *testing.T) {
	header := Change{Response: RespAddHeader, Name: "X", Value: "y"}
	for _, test := range []struct {
		name     string
		said     string
		changes  []Change
		reply    Reply
		progress int
		err      string
	}{
		{"changes and progress", one('p', "") + one('h', "X\x00y\x00") + one('p', "") + one('q', "odd\x00") + one('b', "a") + one('b', "") + one('a', ""),
			[]Change{header, Quarantine("odd"), {Response: RespReplBody, Body: []byte("a")}, {Response: RespReplBody, Body: []byte{}}}, Reply{Verdict: Accept}, 2, ""},
		{"a reply", one('y', "550 5.7.1 no\x00"), nil, Reply{Reject, 550, "5.7.1", "no"}, 0, ""},
		{"a change that was not negotiated", one('e', "<a@b>\x00") + one('c', ""), nil, Reply{}, 0, "change at eom: CHGFROM was not negotiated"},
		{"a change after the body", one('b', "x") + one('h', "X\x00y\x00"), []Change{{Response: RespReplBody, Body: []byte("x")}}, Reply{}, 0, "ADDHEADER after REPLBODY; Postfix"},
		{"a broken change", one('h', "X\x00y"), nil, Reply{}, 0, "change at eom: ADDHEADER is not a name and a value"},
		{"a header that breaks out", one('h', "X\x00y\nZ: z\x00"), nil, Reply{}, 0, "no blank follows"},
		{"skip", one('s', ""), nil, Reply{}, 0, "reply to eom: skip, which works only at body"},
		{"progress with data", one('p', "x"), nil, Reply{}, 0, "reply to eom: unexpected PROGRESS"},
		{"something after the reply", one('c', "") + one('h', "X\x00y\x00"), nil, Reply{}, 0, "more than one reply"},
		{"no reply", one('h', "X\x00y\x00"), []Change{header}, Reply{}, 0, "reply to eom: EOF"},
	} {
		c, w := newFilterWire(t, Offer{Version: 6, Actions: AllActions &^ ActChgFrom})
		w.segments = [][]byte{[]byte(test.said)}
		changes, r, progress, err := c.EndOfMessage()
		if !reflect.DeepEqual(changes, test.changes) || progress != test.progress {
			t.Errorf("%s: %+v, %d, want %+v, %d", test.name, changes, progress, test.changes, test.progress)
		}
		if test.err == "" && (err != nil || r != test.reply) || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %+v, %v, want %+v, %q", test.name, r, err, test.reply, test.err)
		}
	}
}

// TestClientMisuse: what an MTA does not do.
func TestClientMisuse(t *testing.T) {
	c, _ := newFilterWire(t, Offer{Version: 6})
	for _, ev := range []Event{&EndOfMessage{}, &Abort{}, &Quit{}, &QuitNC{}, &OutOfOrder{}} {
		if _, err := c.Send(ev); err == nil {
			t.Errorf("%T is sent as an event", ev)
		}
	}
}

// TestClientBody: chunks as MTAs cut them, to the first verdict; skip holds to the end of the message.
func TestClientBody(t *testing.T) {
	body := make([]byte, 2*MaxChunk+1)
	c, w := newFilterWire(t, Offer{Version: 6, Steps: CanSkip}, one('c', ""), one('c', ""), one('c', ""))
	if r, err := c.Body(body); err != nil || r != (Reply{}) {
		t.Errorf("%+v, %v", r, err)
	}
	var sizes []int
	for _, p := range splitFrames(t, w.sent.Bytes()) {
		sizes = append(sizes, len(p.payload))
	}
	if !reflect.DeepEqual(sizes, []int{MaxChunk, MaxChunk, 1}) {
		t.Errorf("chunks of %d", sizes)
	}
	w.sent.Reset()
	w.segments = [][]byte{frame('s', "")}
	for _, want := range []Verdict{Skip, Continue, Continue} {
		if r, err := c.Body(body); err != nil || r.Verdict != want {
			t.Errorf("%+v, %v, want %v", r, err, want)
		}
	}
	if got := codes(splitFrames(t, w.sent.Bytes())); got != "B" {
		t.Errorf("sent %s", got)
	}
	for i, next := range []func() error{
		func() error { _, err := c.Send(&Mail{}); return err }, c.Abort, c.QuitNC,
		func() error { _, _, _, err := c.EndOfMessage(); return err },
	} {
		c.skipBody = true
		w.segments = [][]byte{frame('c', "")}
		if err := next(); err != nil || c.skipBody {
			t.Errorf("call %d: the next message's body is skipped too, %v", i, err)
		}
	}
}

// TestClientGathers: what no reply is due to leaves in large pieces.
func TestClientGathers(t *testing.T) {
	c, w := newFilterWire(t, Offer{Version: 6, Steps: allNR}, one('c', ""))
	w.writes = 0
	for range 3000 {
		if err := c.Macros(StageHeader, "i", "Q1"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Send(&Header{Name: []byte("X-Name"), Value: []byte(strings.Repeat("x", 50))}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := c.EndOfMessage(); err != nil || w.writes > 6 {
		t.Errorf("%d writes, %v", w.writes, err)
	}
	if got := splitFrames(t, w.sent.Bytes()); len(got) != 6001 {
		t.Errorf("%d packets", len(got))
	}
}

// TestClientWriteError: the filter is gone.
func TestClientWriteError(t *testing.T) {
	c, w := newFilterWire(t, Offer{Version: 6})
	c.conn = brokenWire{&w.wire, net.ErrClosed}
	if _, err := c.Send(&Data{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := c.Quit(); !errors.Is(err, net.ErrClosed) || !w.closed {
		t.Errorf("%v", err)
	}
}
