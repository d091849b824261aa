package protocol

import (
	"strings"
	"testing"
)

// TestReplyWire: replies and the bytes they are sent as.
func TestReplyWire(t *testing.T) {
	for _, test := range []struct {
		name  string
		reply Reply
		want  string
	}{
		{"continue", Reply{}, "c"},
		{"accept", Reply{Verdict: Accept}, "a"},
		{"reject", Reply{Verdict: Reject}, "r"},
		{"tempfail", Reply{Verdict: Tempfail}, "t"},
		{"discard", Reply{Verdict: Discard}, "d"},
		{"skip", Reply{Verdict: Skip}, "s"},
		{"code and text", Reply{Reject, 550, "", "go away"}, "y550 go away\x00"},
		{"code, enhanced status and text", Reply{Reject, 550, "5.7.1", "go away"}, "y550 5.7.1 go away\x00"},
		{"no text", Reply{Tempfail, 451, "4.7.1", ""}, "y451 4.7.1\x00"},
		{"nothing but a code", Reply{Tempfail, 451, "", ""}, "y451 \x00"},
		{"three lines", Reply{Reject, 554, "5.7.1", "a\nb\nc"}, "y554-5.7.1 a\r\n554-5.7.1 b\r\n554 5.7.1 c\x00"},
		{"an empty line", Reply{Reject, 554, "5.7.1", "a\n\nc"}, "y554-5.7.1 a\r\n554-5.7.1\r\n554 5.7.1 c\x00"},
		{"lines without status", Reply{Reject, 554, "", "a\n\nc"}, "y554-a\r\n554-\r\n554 c\x00"},
		{"percent is doubled", Reply{Reject, 550, "5.7.1", "100% of %%"}, "y550 5.7.1 100%% of %%%%\x00"},
		{"text like a status of another class", Reply{Reject, 550, "", "4.7.1 x"}, "y550 5.0.0 4.7.1 x\x00"},
		{"text that begins with a digit", Reply{Reject, 550, "", "3 strikes"}, "y550 5.0.0 3 strikes\x00"},
		{"a digit in another line", Reply{Tempfail, 450, "", "a\n3 strikes"}, "y450-4.0.0 a\r\n450 4.0.0 3 strikes\x00"},
		{"a digit of the same class", Reply{Reject, 550, "", "5 strikes"}, "y550 5 strikes\x00"},
		{"421", Reply{Tempfail, 421, "4.3.2", "bye"}, "y421 4.3.2 bye\x00"},
	} {
		if err := test.reply.check(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		want := string(frame(test.want[0], test.want[1:]))
		if got := string(test.reply.appendPacket([]byte("before"))); got != "before"+want {
			t.Errorf("%s: sent as %q, want %q", test.name, got, want)
		}
	}
}

// TestReplyBack: what an MTA reads is what was meant; only a text that looks like a status becomes one.
func TestReplyBack(t *testing.T) {
	for _, r := range []Reply{
		{}, {Verdict: Accept}, {Verdict: Reject}, {Verdict: Tempfail}, {Verdict: Discard}, {Verdict: Skip},
		{Reject, 550, "", "go away"}, {Reject, 599, "5.999.999", "x"}, {Tempfail, 400, "4.0.0", ""}, {Reject, 554, "5.7.1", "a\n\nb %d"},
		{Reject, 550, "5.7.1", "5.7.1 twice"}, {Reject, 550, "", "a\n5.7.1 b"}, {Reject, 550, "", "5.7.1 a\n5.7.2 b"}, {Tempfail, 421, "", ""},
		{Reject, 550, "5.7.1", strings.Repeat("x", MaxReplyLine)}, {Reject, 550, "5.7.1", strings.Repeat("%", MaxReplyLine/2)},
		{Reject, 550, "5.7.1", strings.Repeat("x\n", MaxReplyLines-1) + "x"},
	} {
		p := r.appendPacket(nil)
		back, err := decodeReply(Response(p[4]), p[5:])
		if err != nil || back != r {
			t.Errorf("%+v came back as %+v, %v", r, back, err)
		}
	}
	p := (&Reply{Reject, 550, "", "5.7.1 like a status"}).appendPacket(nil)
	if back, err := decodeReply(Response(p[4]), p[5:]); err != nil || back != (Reply{Reject, 550, "5.7.1", "like a status"}) {
		t.Errorf("came back as %+v, %v", back, err)
	}
}

func TestNewReplyErrors(t *testing.T) {
	for _, test := range []struct {
		name     string
		verdict  Verdict
		code     int
		enhanced string
		text     string
		want     string
	}{
		{"continue with a text", Continue, 0, "", "x", "continue takes no reply"},
		{"accept with a code", Accept, 250, "", "", "accept takes no reply"},
		{"discard with a status", Discard, 0, "2.0.0", "", "discard takes no reply"},
		{"reject with 4xx", Reject, 450, "", "x", "from 500 to 599, not 450"},
		{"tempfail with 5xx", Tempfail, 550, "", "x", "from 400 to 499, not 550"},
		{"reject with a text only", Reject, 0, "", "x", "from 500 to 599, not 0"},
		{"code too long", Reject, 5500, "", "x", "not 5500"},
		{"negative code", Reject, -550, "", "x", "not -550"},
		{"status of another class", Reject, 550, "4.7.1", "x", `like 5.7.1, not "4.7.1"`},
		{"status of success", Reject, 550, "2.0.0", "x", `not "2.0.0"`},
		{"status with two parts", Reject, 550, "5.7", "x", `not "5.7"`},
		{"status with four parts", Reject, 550, "5.7.1.1", "x", "not"},
		{"status with an empty part", Reject, 550, "5..1", "x", "not"},
		{"status with four digits", Reject, 550, "5.7.1000", "x", "not"},
		{"status with letters", Reject, 550, "5.7.x", "x", "not"},
		{"status with a sign", Reject, 550, "5.7.-1", "x", "not"},
		{"CR", Reject, 550, "", "a\r\nb", "a carriage return in line 1"},
		{"NUL", Reject, 550, "", "a\nb\x00", "a NUL in line 2"},
		{"control character", Reject, 550, "", "a\x1bb", "0x1B"},
		{"DEL", Reject, 550, "", "\x7f", "0x7F"},
		{"not ASCII", Reject, 550, "", "gr\u00fc\u00df", "not ASCII"},
		{"line too long", Reject, 550, "", "ok\n" + strings.Repeat("x", 981), "line 2 of the reply text has 981 bytes"},
		{"line too long once doubled", Reject, 550, "", strings.Repeat("%", 491), "982 bytes"},
		{"too many lines", Reject, 550, "", strings.Repeat("\n", 32), "33 lines"},
		{"no verdict", Verdict(77), 0, "", "", "verdict 77 does not exist"},
	} {
		if _, err := NewReply(test.verdict, test.code, test.enhanced, test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
	if r, err := NewReply(Reject, 550, "5.7.1", "tab\tis fine"); err != nil || r.Text != "tab\tis fine" {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestReplyRefused: what one of the MTAs would take for a broken filter, or not pass on.
func TestReplyRefused(t *testing.T) {
	for _, test := range []struct{ name, packet, want string }{
		{"verdict with data", "cx", "followed by 1 bytes"},
		{"unknown letter", "z", "unexpected response 'z'"},
		{"shutdown", "4", "unexpected SHUTDOWN"},
		{"connection failure", "f", "unexpected CONN_FAIL"},
		{"symbol list", "l", "unexpected response 'l'"},
		{"a command", "O\x00\x00\x00\x06", "unexpected response 'O'"},
		{"nothing", "y", "exactly one NUL"},
		{"no NUL", "y550 x", "exactly one NUL"},
		{"two NULs", "y550 x\x00\x00", "exactly one NUL"},
		{"NUL within", "y550 x\x00y\x00", "exactly one NUL"},
		{"no code", "yhello\x00", "code from 400 to 599"},
		{"code of success", "y250 ok\x00", "code from 400 to 599"},
		{"code with a sign", "y+55 x\x00", "code from 400 to 599"},
		{"code alone", "y550\x00", "code from 400 to 599"},
		{"empty text", "y\x00", "code from 400 to 599"},
		{"no blank after the code", "y550x\x00", "needs a '-'"},
		{"last line continues", "y550-x\x00", "needs a '-'"},
		{"first line does not", "y550 a\r\n550 b\x00", "needs a '-'"},
		{"line end at the end", "y550-a\r\n\x00", "code from 400 to 599"},
		{"LF alone", "y550 a\nb\x00", "bare CR or LF"},
		{"CR alone", "y550 a\rb\x00", "bare CR or LF"},
		{"code changes", "y550-a\r\n554 b\x00", "changes from 550 to 554"},
		{"class changes", "y550-a\r\n450 b\x00", "changes from 550 to 450"},
		{"status of another class", "y550 4.7.1 x\x00", "another class"},
		{"lone percent", "y550 a % b\x00", "unpaired %"},
		{"three percents", "y550 %%%\x00", "unpaired %"},
	} {
		if r, err := decodeReply(Response(test.packet[0]), []byte(test.packet[1:])); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v, want an error with %q", test.name, r, err, test.want)
		}
	}
}
