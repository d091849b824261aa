package protocol

import (
	"fmt"
	"strings"
	"testing"
)

// TestDecodeEvent reads packets by themselves.
func TestDecodeEvent(t *testing.T) {
	for _, test := range []struct {
		name    string
		cmd     Command
		payload string
		want    string
	}{
		{"connect", CmdConnect, "mx.example.com\x004\x00\x19192.0.2.1\x00", "connect mx.example.com 192.0.2.1"},
		{"helo", CmdHelo, "mx.example.com\x00", "helo mx.example.com"},
		{"mail", CmdMail, "<a@example.com>\x00SIZE=1\x00", "mail <a@example.com>"},
		{"header", CmdHeader, "Subject\x00x\x00", "header Subject=x"},
		{"body", CmdBody, "hello", "body hello"},
		{"the end with a body", CmdEOM, "hello", "eom"},
		{"abort", CmdAbort, "", "abort"},
		{"quit", CmdQuit, "", "close"},
		{"a header without a value", CmdHeader, "Subject", "HEADER: HEADER is not a name and a value"},
		{"macros", CmdMacro, "Mi\x001\x00", "MACRO is no event"},
		{"no command", Command('z'), "", `command 'z' is no event`},
	} {
		t.Run(test.name, func(t *testing.T) {
			ev, err := DecodeEvent(test.cmd, []byte(test.payload))
			got := fmt.Sprint(err)
			if err == nil {
				got = ev.Stage().String()
			}
			switch ev := ev.(type) {
			case *Connect:
				got += fmt.Sprintf(" %s %s", ev.Host, ev.Address)
			case *Helo:
				got += " " + string(ev.Name)
			case *Mail:
				got += " " + string(ev.Sender)
			case *Header:
				got += fmt.Sprintf(" %s=%s", ev.Name, ev.Value)
			case *Body:
				got += " " + string(ev.Chunk)
			}
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestDecodeMacros reads what a client writes.
func TestDecodeMacros(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"two", "Mi\x001\x00{auth_type}\x00\x00", `MAIL ["i" "1" "{auth_type}" ""] <nil>`},
		{"none", "M", "MAIL [] <nil>"},
		{"no command", "", "MACRO without a command"},
		{"no end", "Mi\x001", "MACRO: a text does not end in NUL"},
	} {
		cmd, pairs, err := DecodeMacros([]byte(test.payload))
		if got := fmt.Sprintf("%v %q %v", cmd, pairs, err); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// TestDecodeAnswers tells changes from verdicts.
func TestDecodeAnswers(t *testing.T) {
	if c, is, err := DecodeChange(RespAddHeader, []byte("A\x00b\x00")); !is || err != nil || c.Name != "A" || c.Value != "b" {
		t.Errorf("%+v %v %v", c, is, err)
	}
	if _, is, err := DecodeChange(RespContinue, nil); is || err != nil {
		t.Errorf("%v %v", is, err)
	}
	if r, err := DecodeReply(RespReplyCode, []byte("550 5.7.1 no\x00")); err != nil || r.Verdict != Reject || r.Text != "no" {
		t.Errorf("%+v %v", r, err)
	}
	for s := range Stage(NumStages) {
		if got, ok := StageOf(s.Command()); !ok || got != s {
			t.Errorf("%v: %v %v", s, got, ok)
		}
	}
	if _, ok := StageOf(CmdMacro); ok {
		t.Error("macros have a stage")
	}
}
