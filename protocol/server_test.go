package protocol

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// conversation is what an MTA sends, what the filter is told, and what the MTA is answered.
type conversation struct {
	name     string
	want     Want          // the zero value: everything
	steps    Steps         // what the MTA offers; 0: all
	verdicts map[int]Reply // by number of the event, from 1; others get Continue
	mta      string        // letters of commands; those of one word come in one piece
	events   string        // stages of the events
	answers  string        // for each word of mta the letters of the answers, "-" for none
	err      string        // how it ends, "" for QUIT or the end of the connection
}

// play runs a conversation. It fails if any event is not answered, or the connection not ended, as it should be.
func play(t *testing.T, test conversation) (events, answers string, err error) {
	t.Helper()
	offer := Offer{MaxVersion, AllActions, AllSteps, MacroLists{}}
	if test.steps != 0 {
		offer.Steps = test.steps
	}
	segments := [][]byte{frame('O', string(offer.appendPayload(nil)))}
	for word := range strings.FieldsSeq(test.mta) {
		var segment []byte
		for _, letter := range []byte(word) {
			segment = append(segment, command(letter)...)
		}
		segments = append(segments, segment)
	}
	w := newWire(segments...)
	c := NewServerConn(w)
	want := test.want
	if want.Events == 0 {
		want = everything
	}
	if err := negotiate(c, want); err != nil {
		t.Fatalf("%s: %v", test.name, err)
	}
	n := 0
	log, err := answerAll(c, func(Event) Reply { n++; return test.verdicts[n] })
	if err := c.Close(); err != nil || !w.closed {
		t.Errorf("%s: close: %v", test.name, err)
	}
	w.note()
	for i := range log {
		log[i], _, _ = strings.Cut(log[i], ` `)
	}
	var out []string
	for _, a := range w.answers[2:] {
		out = append(out, codes(splitFrames(t, a)))
	}
	for len(out) > len(segments)-1 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	for i := range out {
		if out[i] == "" {
			out[i] = "-"
		}
	}
	return strings.Join(log, " "), strings.Join(out, " "), err
}

// TestServerSequences has every order of commands that an MTA could think of.
func TestServerSequences(t *testing.T) {
	reject, tempfail, accept, discard := Reply{Verdict: Reject}, Reply{Verdict: Tempfail}, Reply{Verdict: Accept}, Reply{Verdict: Discard}
	silent := Want{Events: 1<<NumStages - 1}
	for _, test := range []conversation{
		{name: "a message", mta: "C H M R T L N B E Q",
			events: "connect helo mail rcpt data header eoh body eom quit", answers: "c c c c c c c c c -"},
		{name: "macros are not answered", mta: "DC DH DM DR DT DL DN DB DE DA DQ",
			events: "connect helo mail rcpt data header eoh body eom quit", answers: "c c c c c c c c c - -"},
		{name: "two messages, as Postfix sends them", mta: "C H M R T N E A M R T N E A A Q",
			events: "connect helo mail rcpt data eoh eom mail rcpt data eoh eom quit", answers: "c c c c c c c - c c c c c - - -"},
		{name: "two messages, as Sendmail sends them", mta: "C H M R T N E M R T N E Q",
			events: "connect helo mail rcpt data eoh eom mail rcpt data eoh eom quit", answers: "c c c c c c c c c c c c -"},
		{name: "nothing but a connection", mta: "C Q", events: "connect quit", answers: "c -"},
		{name: "not even that", mta: "Q", events: "quit", answers: "-"},
		{name: "no QUIT", mta: "C H M", events: "connect helo mail", answers: "c c c", err: "EOF"},

		{name: "ABORT at any time", mta: "A C A H A M A M R A M R T A M R T L A M R T L N A M R T L N B A Q",
			events: "connect helo mail abort mail rcpt abort mail rcpt data abort mail rcpt data header abort " +
				"mail rcpt data header eoh abort mail rcpt data header eoh body abort quit",
			answers: "- c - c - c - c c - c c c - c c c c - c c c c c - c c c c c c - -"},
		{name: "ABORT again and again", mta: "C H M A A A M A A Q", events: "connect helo mail abort mail abort quit", answers: "c c c - - - c - - -"},
		{name: "ABORT after the end of the message", mta: "C H M R E A Q", events: "connect helo mail rcpt eom quit", answers: "c c c c c - -"},
		{name: "MAIL in the middle of a message", mta: "C H M M R M Q", events: "connect helo mail abort mail rcpt abort mail abort quit", answers: "c c c c c c -"},
		{name: "HELO in the middle, then ABORT (Postfix)", mta: "C H M R H A M Q", events: "connect helo mail rcpt abort helo mail abort quit", answers: "c c c c c - c -"},
		{name: "HELO again after STARTTLS", mta: "C H H M Q", events: "connect helo helo mail abort quit", answers: "c c c c -"},
		{name: "QUIT in the middle of a message", mta: "C H M R Q", events: "connect helo mail rcpt abort quit", answers: "c c c c -"},
		{name: "CONNECT again", mta: "C C H M C Q", events: "connect quit_nc connect helo mail abort quit_nc connect quit", answers: "c c c c c -"},
		{name: "QUIT_NC", mta: "C H M R E K C H M R E K Q",
			events: "connect helo mail rcpt eom quit_nc connect helo mail rcpt eom quit_nc quit", answers: "c c c c c - c c c c c - -"},
		{name: "QUIT_NC in the middle of a message", mta: "C M K C Q", events: "connect mail abort quit_nc connect quit", answers: "c c - c -"},
		{name: "QUIT_NC again, and before anything", mta: "K C K K C Q", events: "connect quit_nc connect quit", answers: "- c - - c -"},
		{name: "QUIT_NC after a verdict on the connection", verdicts: map[int]Reply{1: reject}, mta: "C K C H Q",
			events: "connect quit_nc connect helo quit", answers: "r - c c -"},
		{name: "nothing after QUIT counts", mta: "C QM M", events: "connect quit", answers: "c -"},

		{name: "MAIL at once", mta: "M R E Q", events: "mail rcpt eom quit", answers: "c c c -"},
		{name: "no HELO", mta: "C M R E Q", events: "connect mail rcpt eom quit", answers: "c c c c -"},
		{name: "HEADER right after RCPT", mta: "C H M R L N E Q", events: "connect helo mail rcpt header eoh eom quit", answers: "c c c c c c c -"},
		{name: "EOM right after RCPT", mta: "C H M R E Q", events: "connect helo mail rcpt eom quit", answers: "c c c c c -"},
		{name: "UNKNOWN anywhere", mta: "C U H U M U R U T U E U Q",
			events: "connect unknown helo unknown mail unknown rcpt unknown data unknown eom unknown quit", answers: "c c c c c c c c c c c c -"},
		{name: "UNKNOWN keeps the message open", mta: "C H M U A Q", events: "connect helo mail unknown abort quit", answers: "c c c c - -"},

		{name: "RCPT without MAIL", mta: "C H R M R Q", events: "connect helo out mail rcpt abort quit", answers: "c c t c c -"},
		{name: "message events outside a message", mta: "R T L N B E C H R T L N B E Q",
			events:  "out out out out out out connect helo out out out out out out quit",
			answers: "t t t t t t c c t t t t t t -"},
		{name: "message events after the message", mta: "C H M R E R L B E Q", events: "connect helo mail rcpt eom out out out out quit", answers: "c c c c c t t t t -"},
		{name: "message events after ABORT", mta: "C H M A R E Q", events: "connect helo mail abort out out quit", answers: "c c c - t t -"},
		{name: "message events outside a message where no answer is due", want: silent, mta: "C R T L N B E Q",
			events: "connect out out out out out out quit", answers: "- - - - - - t -"},

		{name: "reject at CONNECT, the MTA goes on all the same", verdicts: map[int]Reply{1: reject}, mta: "C H M R T L N B E U A Q",
			events: "connect quit", answers: "r r r r r r r r r r - -"},
		{name: "accept at CONNECT", verdicts: map[int]Reply{1: accept}, mta: "C H M R T L N B E U A M E Q",
			events: "connect quit", answers: "a a a a a a a a a c - a a -"},
		{name: "tempfail at HELO", verdicts: map[int]Reply{2: tempfail}, mta: "C H M R E H Q", events: "connect helo quit", answers: "c t t t t t -"},
		{name: "reject at MAIL", verdicts: map[int]Reply{3: reject}, mta: "C H M R T L N B E M R Q",
			events: "connect helo mail mail rcpt abort quit", answers: "c c r r r r r r r c c -"},
		{name: "reject at MAIL, then ABORT: nothing was given up", verdicts: map[int]Reply{3: reject}, mta: "C H M A M Q",
			events: "connect helo mail mail abort quit", answers: "c c r - c -"},
		{name: "reject at RCPT concerns that recipient", verdicts: map[int]Reply{4: reject, 5: tempfail}, mta: "C H M R R R E Q",
			events: "connect helo mail rcpt rcpt rcpt eom quit", answers: "c c c r t c c -"},
		{name: "accept at RCPT concerns the message", verdicts: map[int]Reply{4: accept}, mta: "C H M R R E M R Q",
			events: "connect helo mail rcpt mail rcpt abort quit", answers: "c c c a a a c c -"},
		{name: "discard at RCPT concerns the message", verdicts: map[int]Reply{4: discard}, mta: "C H M R R E M Q",
			events: "connect helo mail rcpt mail abort quit", answers: "c c c d d d c -"},
		{name: "reject at DATA, and UNKNOWN is still asked", verdicts: map[int]Reply{5: reject}, mta: "C H M R T U L H M Q",
			events: "connect helo mail rcpt data unknown helo mail abort quit", answers: "c c c c r c r c c -"},
		{name: "tempfail at HEADER", verdicts: map[int]Reply{6: tempfail}, mta: "C H M R T L L N B E A M Q",
			events: "connect helo mail rcpt data header mail abort quit", answers: "c c c c c t t t t t - c -"},
		{name: "reject at EOH", verdicts: map[int]Reply{5: reject}, mta: "C H M R N E Q", events: "connect helo mail rcpt eoh quit", answers: "c c c c r r -"},
		{name: "reject at BODY", verdicts: map[int]Reply{5: reject}, mta: "C H M R B B E Q", events: "connect helo mail rcpt body quit", answers: "c c c c r r r -"},
		{name: "reject at UNKNOWN concerns that command", verdicts: map[int]Reply{3: reject}, mta: "C H U M Q",
			events: "connect helo unknown mail abort quit", answers: "c c r c -"},
		{name: "accept at UNKNOWN is nothing an MTA should hear", verdicts: map[int]Reply{4: accept}, mta: "C H M U R Q",
			events: "connect helo mail unknown rcpt abort quit", answers: "c c c c c -"},
		{name: "every verdict at EOM ends the message", verdicts: map[int]Reply{2: reject, 4: tempfail, 6: accept, 8: discard}, mta: "M E M E M E M E A Q",
			events: "mail eom mail eom mail eom mail eom quit", answers: "c r c t c a c d - -"},

		{name: "skip", verdicts: map[int]Reply{3: {Verdict: Skip}}, mta: "M R B E Q", events: "mail rcpt body eom quit", answers: "c c s c -"},
		{name: "skip, the MTA goes on all the same", verdicts: map[int]Reply{3: {Verdict: Skip}}, mta: "M R B B B E M B Q",
			events: "mail rcpt body eom mail body abort quit", answers: "c c s c c c c c -"},
		{name: "skip where it was not offered", steps: AllSteps &^ CanSkip, verdicts: map[int]Reply{3: {Verdict: Skip}}, mta: "M R B B B E M B Q",
			events: "mail rcpt body eom mail body abort quit", answers: "c c c c c c c c -"},
		{name: "BODY outside a message after skip", verdicts: map[int]Reply{2: {Verdict: Skip}}, mta: "M B E B Q",
			events: "mail body eom out quit", answers: "c s c t -"},

		{name: "pipelined: no answer is due", want: silent, mta: "DC DH DM DRDR TDLDLDNDBDE AAQ",
			events: "connect helo mail rcpt rcpt data header header eoh body eom quit", answers: "- - - - c -"},
		{name: "an answer that need not be spared", want: silent, steps: AllSteps &^ NRHeader, mta: "C H M R T L L N B E Q",
			events: "connect helo mail rcpt data header header eoh body eom quit", answers: "- - - - - c c - - c -"},
		{name: "nothing is wanted", want: Want{Events: stageSet(StageClose)}, mta: "E AQ", events: "eom quit", answers: "c -"},
		{name: "nothing is wanted, the MTA sends it all the same", want: Want{Events: stageSet(StageClose)}, steps: NoMail | allNR&^NRMail,
			mta: "C H M R T L N B E U Q", events: "eom quit", answers: "c c c c c c c c c c -"},
		{name: "unwanted events that no answer is due to", want: Want{Events: stageSet(StageRcpt)}, mta: "D D D DR D E Q", events: "rcpt eom quit", answers: "- - - - - c -"},

		{name: "MAIL negotiated away: the first event begins the message", want: Want{Events: stageSet(StageRcpt, StageBody), Replies: stageSet(StageRcpt, StageBody)},
			mta: "DR B E DR A DR Q", events: "rcpt body eom rcpt abort rcpt abort quit", answers: "c c c c - c -"},
		{name: "MAIL negotiated away: a verdict holds for its event only", want: Want{Events: stageSet(StageRcpt, StageBody), Replies: stageSet(StageRcpt, StageBody)},
			verdicts: map[int]Reply{1: discard}, mta: "R R B E Q", events: "rcpt rcpt body eom quit", answers: "d c c c -"},
		{name: "CONNECT negotiated away: connections end all the same", want: Want{Events: stageSet(StageMail), Replies: stageSet(StageMail)},
			mta: "M E K M E K K Q", events: "mail eom quit_nc mail eom quit_nc quit", answers: "c c - c c - - -"},

		{name: "a second OPTNEG", mta: "C O H", events: "connect", answers: "c -", err: "OPTNEG: options were negotiated before"},
		{name: "an unknown command", mta: "C M x H", events: "connect mail", answers: "c c -", err: "command 'x': not a command of the milter protocol"},
		{name: "a command of responses", mta: "C M c H", events: "connect mail", answers: "c c -", err: "not a command"},
		{name: "what was answered before an error goes out", mta: "CMx", events: "connect mail", answers: "cc", err: "not a command"},
	} {
		events, answers, err := play(t, test)
		if events != test.events {
			t.Errorf("%s: events\n  %s, want\n  %s", test.name, events, test.events)
		}
		if answers != test.answers {
			t.Errorf("%s: answers\n  %s, want\n  %s", test.name, answers, test.answers)
		}
		if test.err == "" && err != io.EOF || err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: ends with %v, want %q", test.name, err, test.err)
		}
	}
}

// serveBytes lets a server that wants everything read raw bytes after the negotiation, and returns what it was told, what it
// answered, and how it ended.
func serveBytes(t *testing.T, segments ...string) (log []string, out string, err error) {
	t.Helper()
	w := newWire(command('O'))
	for _, s := range segments {
		w.segments = append(w.segments, []byte(s))
	}
	c := NewServerConn(w)
	if err := negotiate(c, everything); err != nil {
		t.Fatal(err)
	}
	log, err = answerAll(c, nil)
	_ = c.Close()
	w.note()
	for _, a := range w.answers[2:] {
		out += codes(splitFrames(t, a))
	}
	return log, out, err
}

// TestServerBytes has what goes wrong below the level of commands.
func TestServerBytes(t *testing.T) {
	mail := string(command('M'))
	for _, test := range []struct {
		name     string
		segments []string
		events   int
		out      string
		err      string
	}{
		{"MACRO without anything", []string{string(frame('D', "")), mail}, 1, "c", "EOF"},
		{"MACRO with a letter only", []string{string(frame('D', "M")), mail}, 1, "c", "EOF"},
		{"MACRO with an odd number of strings", []string{string(frame('D', "Mi\x00")), mail}, 1, "c", "EOF"},
		{"MACRO with too much", []string{string(frame('D', "M"+strings.Repeat("x", MaxChunk)))}, 0, "", "MACRO: 65536 bytes of macros"},
		{"half a packet, then the end", []string{mail, mail[:9]}, 1, "c", "unexpected EOF"},
		{"half a length, then the end", []string{mail, mail[:3]}, 1, "c", "unexpected EOF"},
		{"a packet of length 0", []string{mail, "\x00\x00\x00\x00"}, 1, "c", "packet of length 0"},
		{"a packet that is too large", []string{mail, "\x00\x40\x00\x01B"}, 1, "c", "packet of 4194305 bytes announced"},
		{"another protocol", []string{"EHLO client.example\r\n"}, 0, "", "is the peer speaking the milter protocol?"},
		{"a broken CONNECT", []string{string(frame('C', "host"))}, 0, "", "CONNECT: CONNECT without a host name"},
		{"a broken MAIL", []string{string(frame('M', "<a@b>"))}, 0, "", "MAIL: address does not end in NUL"},
		{"a broken HEADER", []string{mail, string(frame('L', "Subject"))}, 1, "c", "HEADER: HEADER is not"},
		{"a HEADER of 100 kB, nothing negotiated", []string{mail, string(frame('L', "X\x00"+strings.Repeat("x", 100_000)+"\x00"))}, 2, "cc", "EOF"},
		{"commands with payload that have none", []string{mail, string(frame('T', "x")), string(frame('N', "x")), string(frame('A', "x")), string(frame('Q', "x"))}, 5, "ccc", "EOF"},
	} {
		log, out, err := serveBytes(t, test.segments...)
		if len(log) != test.events || out != test.out || err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, %q, %v, want %d events, %q, %q", test.name, log, out, err, test.events, test.out, test.err)
		}
	}
}

// TestServerSplitAnywhere cuts a conversation at every byte; it makes no difference.
func TestServerSplitAnywhere(t *testing.T) {
	var stream []byte
	for _, letter := range []byte("DCDHDMDRTLNBEAMRADMRNE") {
		stream = append(stream, command(letter)...)
	}
	want, wantOut, _ := serveBytes(t, string(stream))
	for cut := 1; cut < len(stream); cut++ {
		log, out, err := serveBytes(t, string(stream[:cut]), string(stream[cut:]))
		if strings.Join(log, "\n") != strings.Join(want, "\n") || out != wantOut || err != io.EOF {
			t.Fatalf("cut at %d: %q %q %v", cut, log, out, err)
		}
	}
}

// TestServerEOMWithPayload: a last body chunk in the packet of the end of the message is a body event first, whose verdict the MTA
// does not wait for.
func TestServerEOMWithPayload(t *testing.T) {
	eom := frame('E', "last\r\n")
	w := newWire(command('O'), command('M'), command('B'), eom, command('M'), eom, command('Q'))
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
		got = append(got, describe(ev))
		switch ev := ev.(type) {
		case *Body:
			if string(ev.Chunk) == "last\r\n" {
				if c.Owed() || !errors.Is(c.Reply(Reply{Verdict: Reject}), ErrNotOwed) {
					t.Error("a verdict on the last chunk is taken")
				}
			}
			err = c.Reply(Reply{})
		case *EndOfMessage:
			err = c.Finish(nil, Reply{})
		default:
			err = c.Reply(Reply{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.note()
	want := `mail "<a@client.example>" "SIZE=100"|body "one\r\ntwo\r\n"|body "last\r\n"|eom|mail "<a@client.example>" "SIZE=100"|body "last\r\n"|eom|quit`
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s", s)
	}
	var out string
	for _, a := range w.answers[2:] {
		out += codes(splitFrames(t, a)) + " "
	}
	if out != "c c c c c  " {
		t.Errorf("answers %q", out)
	}
}

// TestServerEOMWithUnwantedPayload: no body event where none is wanted.
func TestServerEOMWithUnwantedPayload(t *testing.T) {
	for _, test := range []struct {
		name string
		want Want
		skip bool
	}{
		{"body not wanted", Want{Events: stageSet(StageMail, StageEOM), Replies: stageSet(StageMail, StageEOM)}, false},
		{"rest of the body skipped", everything, true},
	} {
		w := newWire(command('O'), command('M'), command('B'), frame('E', "last"))
		c := NewServerConn(w)
		if err := negotiate(c, test.want); err != nil {
			t.Fatal(err)
		}
		log, err := answerAll(c, func(ev Event) Reply {
			if ev.Stage() == StageBody && test.skip {
				return Reply{Verdict: Skip}
			}
			return Reply{}
		})
		if last := log[len(log)-1]; last != "eom" || strings.Contains(strings.Join(log, " "), "last") || err != io.EOF {
			t.Errorf("%s: %q %v", test.name, log, err)
		}
	}
}
