package load

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"luamilter/protocol"
)

// reply is a packet of a filter.
type reply struct {
	code    protocol.Response
	payload string
}

func TestCheck(t *testing.T) {
	one := Expectation{Added: []Field{{"X-Count", "3"}}}
	two := Expectation{Added: []Field{{"X-Count", "3"}, {"X-Match", "yes"}}}
	refused := Expectation{Refuse: "550 5.7.1"}
	taken := reply{protocol.RespContinue, ""}
	count := reply{protocol.RespAddHeader, "X-Count\x003\x00"}
	for _, c := range []struct {
		name    string
		want    Expectation
		replies []reply
		wrong   string // a part of what check says, "" if all is well
	}{
		{"right", one, []reply{count, taken}, ""},
		{"accepted", one, []reply{count, {protocol.RespAccept, ""}}, ""},
		{"inserted", one, []reply{{protocol.RespInsHeader, "\x00\x00\x00\x01X-Count\x003\x00"}, taken}, ""},
		{"with the blank", one, []reply{{protocol.RespAddHeader, "X-Count\x00 3\x00"}, taken}, ""},
		{"two in any order", two, []reply{{protocol.RespAddHeader, "X-Match\x00yes\x00"}, count, taken}, ""},
		{"other value", one, []reply{{protocol.RespAddHeader, "X-Count\x004\x00"}, taken}, "added X-Count: 4, expected 3"},
		{"other name", one, []reply{{protocol.RespAddHeader, "X-Cont\x003\x00"}, taken}, "added X-Cont, which was not expected"},
		{"missing", one, []reply{taken}, "did not add X-Count"},
		{"one of two missing", two, []reply{count, taken}, "did not add X-Match"},
		{"twice", one, []reply{count, count, taken}, "added X-Count twice"},
		{"one too many", one, []reply{count, {protocol.RespAddHeader, "X-Match\x00yes\x00"}, taken}, "added X-Match, which"},
		{"no NUL", one, []reply{{protocol.RespAddHeader, "X-Count\x003"}, taken}, "without a name and a value"},
		{"short insertion", one, []reply{{protocol.RespInsHeader, "\x00"}, taken}, "without a name and a value"},
		{"other change", one, []reply{{protocol.RespQuarantine, "why\x00"}, count, taken}, "an unexpected QUARANTINE"},
		{"rejected", one, []reply{count, {protocol.RespReject, ""}}, "REJECT"},
		{"deferred with text", one, []reply{count, {protocol.RespReplyCode, "451 4.7.1 later\x00"}}, "451 4.7.1 later"},
		{"refused", refused, []reply{{protocol.RespReplyCode, "550 5.7.1 no\x00"}}, ""},
		{"refused otherwise", refused, []reply{{protocol.RespReplyCode, "554 5.7.1 no\x00"}}, "expected 550 5.7.1"},
		{"refused without text", refused, []reply{{protocol.RespReject, ""}}, "expected 550 5.7.1"},
		{"taken instead", refused, []reply{taken}, "expected 550 5.7.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var k check
			k.begin(&c.want)
			for _, r := range c.replies {
				if isVerdict(r.code) {
					k.verdict(r.code, []byte(r.payload))
				} else {
					k.change(r.code, []byte(r.payload))
				}
			}
			if (c.wrong == "") != (k.wrong == "") || !strings.Contains(k.wrong, c.wrong) {
				t.Errorf("check says %q, expected %q", k.wrong, c.wrong)
			}
		})
	}
}

func packet(code protocol.Response, payload string) []byte {
	return protocol.AppendPacket(nil, byte(code), payload)
}

func TestPlayerNoticesWhatIsNoAnswer(t *testing.T) {
	for _, c := range []struct {
		name   string
		stage  protocol.Stage
		stream []byte
	}{
		{"a change before the end", protocol.StageRcpt, packet(protocol.RespAddHeader, "a\x00b\x00")},
		{"progress before the end", protocol.StageRcpt, packet(protocol.RespProgress, "")},
		{"skip at the end", protocol.StageHeader, packet(protocol.RespSkip, "")},
		{"a letter that does not exist", protocol.StageEOM, packet('z', "")},
		{"a change that was not negotiated", protocol.StageEOM, packet(protocol.RespQuarantine, "why\x00")},
		{"two replies", protocol.StageRcpt, append(packet(protocol.RespContinue, ""), packet(protocol.RespContinue, "")...)},
		{"two verdicts", protocol.StageEOM, append(packet(protocol.RespContinue, ""), packet(protocol.RespAccept, "")...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Player{in: protocol.NewPacketReader(bytes.NewReader(c.stream))}
			p.check.begin(&Expectation{})
			if code, _, err := p.reply(c.stage); err == nil {
				t.Errorf("%v is taken for an answer", code)
			}
		})
	}
}

func TestTallyTellsWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		tally Tally
		want  string
	}{
		{Tally{Messages: 5}, ""},
		{Tally{Messages: 5, Wrong: 2, Fault: "why"}, "2 messages were treated wrongly, first: why"},
		{Tally{Lost: 1, Fault: "why"}, "1 connections were lost, first: why"},
	} {
		err := c.tally.Err()
		if err == nil {
			err = errors.New("")
		}
		if err.Error() != c.want {
			t.Errorf("%+v: %q, expected %q", c.tally, err, c.want)
		}
	}
}
