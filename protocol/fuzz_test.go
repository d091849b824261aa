package protocol

import (
	"bytes"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
)

// FuzzFrame: any bytes, in pieces of any size, are the same packets as in one piece.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x05Babcd\x00\x00\x00\x01E"), uint16(3))
	f.Add([]byte("\x00\x00\x00\x00A"), uint16(1))
	f.Add([]byte("\xff\xff\xff\xffA"), uint16(2))
	f.Add(append(frame('B', strings.Repeat("x", smallBuffer)), command('M')...), uint16(1000))
	f.Fuzz(func(t *testing.T, data []byte, piece uint16) {
		whole, errWhole := readFrames(newFrameReader(bytes.NewReader(data)))
		w := newWire()
		for rest := data; len(rest) > 0; {
			n := min(len(rest), int(piece)+1)
			w.segments = append(w.segments, rest[:n])
			rest = rest[n:]
		}
		got, err := readFrames(newFrameReader(w))
		if !samePackets(got, whole) || err.Error() != errWhole.Error() {
			t.Errorf("%d packets, %v; in one piece %d, %v", len(got), err, len(whole), errWhole)
		}
		var again []byte
		for _, p := range whole {
			again = append(again, frame(byte(p.cmd), string(p.payload))...)
		}
		if !bytes.HasPrefix(data, again) || errWhole == io.EOF && len(again) != len(data) {
			t.Errorf("%q was read as %q", data, again)
		}
	})
}

// FuzzEvent: what can be decoded means the same when it is encoded and decoded again.
func FuzzEvent(f *testing.F) {
	for letter, payload := range payloads {
		f.Add(letter, []byte(payload))
	}
	f.Add(byte('C'), []byte("h\x006\x00\x19IPv6:::1\x00"))
	f.Add(byte('C'), []byte("h\x00U"))
	f.Add(byte('M'), []byte("\x00"))
	events := map[byte]Event{'C': &Connect{}, 'H': &Helo{}, 'M': &Mail{}, 'R': &Rcpt{}, 'T': &Data{}, 'L': &Header{}, 'N': &EndOfHeader{},
		'B': &Body{}, 'E': &EndOfMessage{}, 'U': &Unknown{}, 'A': &Abort{}, 'Q': &Quit{}, 'K': &QuitNC{}}
	f.Fuzz(func(t *testing.T, letter byte, payload []byte) {
		kind, ok := events[letter]
		if !ok {
			return
		}
		ev, again := newEvent(kind), newEvent(kind)
		before := bytes.Clone(payload)
		if err := ev.decode(payload); err != nil {
			return
		}
		encoded := ev.appendPayload(nil)
		if err := again.decode(encoded); err != nil || describe(again) != describe(ev) {
			t.Errorf("%c%q is %s, sent as %q, which is %s, %v", letter, payload, describe(ev), encoded, describe(again), err)
		}
		if !bytes.Equal(payload, before) {
			t.Error("the payload was changed")
		}
	})
}

// FuzzNegotiate: whatever an MTA offers, the answer is one that it takes, and stays within what the filter wished.
func FuzzNegotiate(f *testing.F) {
	f.Add([]byte(payloads['O']), uint16(0xFFFF), uint16(0), uint32(0x1FF), uint32(0x1), uint32(0x400), "i {x}")
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"), uint16(0), uint16(0), uint32(0), uint32(0), uint32(0), "")
	f.Add([]byte("\x00\x00\x00\x06\xff\xff\xff\xff\xff\xff\xff\xffmore"), uint16(1), uint16(2), uint32(3), uint32(4), uint32(5), "j")
	f.Fuzz(func(t *testing.T, payload []byte, events, replies uint16, optional, required, extras uint32, macros string) {
		if len(payload) >= MaxFrame {
			return
		}
		c := NewServerConn(newWire(frame('O', string(payload))))
		offer, err := c.ReadOffer()
		if err != nil {
			return
		}
		want := Want{Events: Stages(events), Replies: Stages(replies), Actions: Actions(required), Optional: Actions(optional), Extras: Steps(extras)}
		_ = want.Macros.Request(StageEOM, strings.Fields(macros))
		a, err := Negotiate(offer, want)
		var refused *NegotiationError
		if err != nil {
			if !errors.As(err, &refused) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if err := checkAnswer(offer, a.Offer); err != nil {
			t.Errorf("an MTA that offers %+v refuses %+v: %v", offer, a.Offer, err)
		}
		if missing := want.Actions &^ a.Actions &^ ActSymList; missing != 0 {
			t.Errorf("%v was wanted, and not agreed on", missing)
		}
		var back Offer
		rest, err := back.decode(a.appendPayload(nil))
		if err == nil {
			err = back.Macros.decode(rest)
		}
		if back.Version != a.Version || back.Actions != a.Actions || back.Steps != a.Steps || err != nil {
			t.Errorf("%+v was read as %+v, %v", a.Offer, back, err)
		}
	})
}

// FuzzReply: what NewReply takes, an MTA takes and reads as it was meant; what an MTA reads, it can be told again.
func FuzzReply(f *testing.F) {
	f.Add(byte('y'), []byte("550-5.7.1 a\r\n550 5.7.1 100%%\x00"), 550, "5.7.1", "a\n100%")
	f.Add(byte('y'), []byte("451 \x00"), 451, "", "")
	f.Add(byte('c'), []byte(""), 550, "", "4.7.1 x")
	f.Add(byte('y'), []byte("550 4.7.1 x\x00"), 421, "4.3.2", "5\n\n4")
	f.Fuzz(func(t *testing.T, code byte, payload []byte, number int, enhanced, text string) {
		if r, err := decodeReply(Response(code), payload); err == nil {
			p := r.appendPacket(nil)
			again, err := decodeReply(Response(p[4]), p[5:])
			if err != nil || again != r {
				t.Errorf("%c%q is %+v, sent as %q, which is %+v, %v", code, payload, r, p, again, err)
			}
		}
		verdict := Reject
		if number/100 == 4 {
			verdict = Tempfail
		}
		r, err := NewReply(verdict, number, enhanced, text)
		if err != nil {
			return
		}
		p := r.appendPacket(nil)
		again, err := decodeReply(Response(p[4]), p[5:])
		if err != nil || again.Code != r.Code || again.Verdict != r.Verdict {
			t.Fatalf("%+v is sent as %q, which is %+v, %v", r, p, again, err)
		}
		if shown, want := spoken(again), spoken(r); shown != want && !looksLikeOtherClass(r.Text, r.Code) {
			t.Errorf("%+v is sent as %q, which says %q", r, p, shown)
		}
	})
}

// spoken is what an SMTP client reads behind the code, line by line.
func spoken(r Reply) string {
	var lines []string
	for line := range strings.SplitSeq(r.Text, "\n") {
		lines = append(lines, strings.TrimSuffix(r.Enhanced+" "+line, " "))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// FuzzChange: what an MTA takes for a change comes back as the same when it is sent again.
func FuzzChange(f *testing.F) {
	for _, s := range []string{"hX\x00y\x00", "i\x00\x00\x00\x01X\x00y\x00", "m\x00\x00\x00\x01X\x00\x00", "babc", "+<a@b>\x00", "2<a@b>\x00X=1\x00", "-<a@b>\x00", "e<>\x00", "qodd\x00"} {
		f.Add(s[0], []byte(s[1:]))
	}
	f.Fuzz(func(t *testing.T, code byte, payload []byte) {
		c, err := decodeChange(Response(code), payload)
		if err != nil {
			return
		}
		p := c.appendPacket(nil)
		again, err := decodeChange(Response(p[4]), p[5:])
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%c%q is %+v, sent as %q, which is %+v, %v", code, payload, c, p, again, err)
		}
		if c.Needs() == 0 || c.size() < len(p) {
			t.Errorf("%+v needs %v and has %d bytes, said to be %d", c, c.Needs(), len(p), c.size())
		}
	})
}

// FuzzServer: whatever comes, the conversation ends, and what was written are packets that an MTA could read.
func FuzzServer(f *testing.F) {
	f.Add(messageOf("CDHDMDRDTDLNBEAQ"), byte(0), byte(0))
	f.Add(messageOf("MMRRKCAAEEBTU"), byte(7), byte(1))
	f.Add(append(messageOf("CHM"), frame('E', "last")...), byte(255), byte(2))
	f.Add(messageOf("COH"), byte(1), byte(3))
	f.Add([]byte("\x00\x00\x00\x00"), byte(1), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, verdicts, style byte) {
		want := []Want{everything, {Events: everything.Events, Optional: AllActions}, {}, {Events: stageSet(StageRcpt, StageBody), Replies: everything.Replies}}[style%4]
		if style >= 128 {
			want.Extras = LeadingSpace
		}
		w := newWire(command('O'), data)
		c := NewServerConn(w)
		if err := negotiate(c, want); err != nil {
			t.Fatal(err)
		}
		err := fuzzedFilter(t, c, verdicts, len(data))
		if err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("ends with %v", err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		w.note()
		for _, a := range w.answers[2:] {
			for _, p := range splitFrames(t, a) {
				if neededActions[Response(p.cmd)] != 0 {
					if _, err := decodeChange(Response(p.cmd), p.payload); err != nil {
						t.Error(err)
					}
				} else if p.cmd != Command(RespProgress) {
					if _, err := decodeReply(Response(p.cmd), p.payload); err != nil {
						t.Error(err)
					}
				}
			}
		}
	})
}

// fuzzedFilter answers with any verdict to the end. There cannot be more events than there are bytes.
func fuzzedFilter(t *testing.T, c *ServerConn, verdicts byte, bytes int) error {
	replies := []Reply{{}, {Verdict: Accept}, {Verdict: Reject}, {Verdict: Tempfail}, {Verdict: Discard}, {Verdict: Skip}, {Reject, 550, "5.7.1", "a\n% b"}, {}}
	for n := 0; n < bytes+2; n++ {
		ev, err := c.Next()
		if err != nil {
			return err
		}
		r := replies[(n*int(verdicts)+int(verdicts>>4))%len(replies)]
		_ = describe(ev)
		_, _ = c.Macros().Get("i")
		if ev.Stage() == StageEOM {
			if err := c.Progress(); err != nil {
				t.Fatal(err)
			}
			changes := []Change{{Response: RespAddHeader, Name: "X", Value: "y"}, {Response: RespReplBody}}
			if c.Finish(changes, r) != nil {
				if err := c.Finish(nil, Reply{}); err != nil {
					t.Fatal(err)
				}
			}
		} else if c.Reply(r) != nil {
			if err := c.Reply(Reply{}); err != nil {
				t.Fatal(err)
			}
		}
		if c.Owed() {
			t.Fatalf("%s was answered, and an answer is still owed", describe(ev))
		}
	}
	t.Fatal("there is no end")
	return nil
}

// FuzzClient: whatever a filter says, the MTA's end ends with an answer or an error.
func FuzzClient(f *testing.F) {
	f.Add([]byte(one('c', "") + one('c', "") + one('h', "X\x00y\x00") + one('p', "") + one('a', "")))
	f.Add([]byte(one('y', "550 no\x00") + one('s', "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		answer := Offer{Version: 6, Actions: AllActions, Steps: CanSkip | NRMail}
		w := &filterWire{}
		w.segments = [][]byte{frame('O', string(answer.appendPayload(nil))), data}
		c := NewClient(w, 0)
		if _, err := c.Negotiate(FullOffer); err != nil {
			t.Fatal(err)
		}
		var last error
		for _, ev := range allEvents() {
			if _, last = c.Send(ev); last != nil {
				break
			}
		}
		_, r, _, err := c.EndOfMessage()
		if last != nil && err == nil {
			t.Errorf("after %v there is %+v", last, r)
		}
		_ = c.Quit()
		splitFrames(t, w.sent.Bytes())
	})
}
