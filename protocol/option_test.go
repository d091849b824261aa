package protocol

import (
	"errors"
	"strings"
	"testing"
)

const (
	v2Steps = Steps(0x7F)
	allNo   = NoConnect | NoHelo | NoMail | NoRcpt | NoBody | NoHeader | NoEOH | NoUnknown | NoData
	allNR   = NRHeader | NRConnect | NRHelo | NRMail | NRRcpt | NRData | NRUnknown | NREOH | NRBody
)

func stageSet(list ...Stage) (set Stages) {
	for _, s := range list {
		set = set.With(s)
	}
	return set
}

// TestNegotiate is the filter's side of the negotiation: what the MTA offers, what the filter wishes, what it answers.
func TestNegotiate(t *testing.T) {
	all := Stages(1<<NumStages - 1)
	var macros MacroLists
	if err := macros.Request(StageMail, []string{"i"}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		offer   Offer
		want    Want
		version uint32
		actions Actions
		steps   Steps
	}{
		{"everything, every answer", FullOffer, Want{Events: all, Replies: all}, 6, 0, 0},
		{"nothing", FullOffer, Want{}, 6, 0, allNo},
		{"everything, no answer", FullOffer, Want{Events: all}, 6, 0, allNR},
		{"an answer to what is not wanted counts for nothing", FullOffer, Want{Replies: all}, 6, 0, allNo},
		{"eom alone: always sent and answered", FullOffer, Want{Events: stageSet(StageEOM), Replies: stageSet(StageEOM)}, 6, 0, allNo},
		{"rcpt counter", FullOffer, Want{Events: stageSet(StageMail, StageRcpt, StageEOM), Replies: stageSet(StageEOM), Actions: ActAddHeader},
			6, ActAddHeader, allNo&^NoMail&^NoRcpt | NRMail | NRRcpt},
		{"required and optional actions", FullOffer, Want{Events: all, Replies: all, Actions: ActChgBody, Optional: ActQuarantine | ActChgBody},
			6, ActChgBody | ActQuarantine, 0},
		{"optional actions that are not offered", Offer{6, ActAddHeader, AllSteps, MacroLists{}},
			Want{Events: all, Replies: all, Actions: ActAddHeader, Optional: AllActions}, 6, ActAddHeader, 0},
		{"extras", FullOffer, Want{Events: all, Replies: all, Extras: CanSkip | RcptRejected | LeadingSpace}, 6, 0, CanSkip | RcptRejected | LeadingSpace},
		{"extras that are none", FullOffer, Want{Events: all, Replies: all, Extras: NoConnect | NRMail | MaxData1M}, 6, 0, 0},
		{"extras that are not offered", Offer{6, AllActions, AllSteps &^ (CanSkip | LeadingSpace), MacroLists{}},
			Want{Events: all, Replies: all, Extras: CanSkip | RcptRejected | LeadingSpace}, 6, 0, RcptRejected},
		{"no answers wished, none can be spared", Offer{6, AllActions, AllSteps &^ allNR, MacroLists{}}, Want{Events: all}, 6, 0, 0},
		{"some answers can be spared", Offer{6, AllActions, allNo | NRHeader | NRBody, MacroLists{}}, Want{Events: all}, 6, 0, NRHeader | NRBody},
		{"events that cannot be refused", Offer{6, AllActions, AllSteps &^ (NoEOH | NoData), MacroLists{}}, Want{}, 6, 0, allNo &^ NoEOH &^ NoData},

		{"version 2", Offer{2, 0x3F, v2Steps, MacroLists{}}, Want{}, 2, 0, v2Steps},
		{"version 2 as Postfix offers it", Offer{2, AllActions, v2Steps, MacroLists{}}, Want{Events: all, Extras: CanSkip, Optional: AllActions}, 2, AllActions &^ ActSymList, 0},
		{"version 2 with no_header_reply", Offer{2, AllActions, v2Steps | NRHeader, MacroLists{}}, Want{Events: all}, 2, 0, NRHeader},
		{"version 3", Offer{3, 0x3F, v2Steps | NoUnknown, MacroLists{}}, Want{}, 3, 0, v2Steps | NoUnknown},
		{"version 4", Offer{4, 0x3F, v2Steps | NoUnknown | NoData, MacroLists{}}, Want{}, 4, 0, v2Steps | NoUnknown | NoData},
		{"version 5", Offer{5, 0x3F, v2Steps, MacroLists{}}, Want{Events: all, Replies: all}, 5, 0, 0},
		{"a version to come", Offer{7, AllActions, AllSteps, MacroLists{}}, Want{Events: all, Replies: all}, 6, 0, 0},
		{"a version far away", Offer{1 << 31, AllActions, AllSteps, MacroLists{}}, Want{Events: all, Replies: all}, 6, 0, 0},
		{"actions to come", Offer{6, 1<<32 - 1, AllSteps, MacroLists{}}, Want{Events: all, Replies: all, Optional: AllActions}, 6, AllActions &^ ActSymList, 0},

		{"no actions offered means those of version 1", Offer{2, 0, v2Steps, MacroLists{}}, Want{Events: all, Replies: all, Optional: AllActions}, 2, v1Actions, 0},
		{"no steps offered means those of version 1", Offer{2, 0x3F, 0, MacroLists{}}, Want{Extras: CanSkip}, 2, 0, v1Steps},
		{"no steps but a large packet", Offer{6, 0x3F, MaxData256K, MacroLists{}}, Want{}, 6, 0, v1Steps | MaxData256K},

		{"256K offered", Offer{6, AllActions, AllSteps | MaxData256K, MacroLists{}}, Want{Events: all, Replies: all}, 6, 0, MaxData256K},
		{"1M offered", Offer{6, AllActions, AllSteps | MaxData1M, MacroLists{}}, Want{Events: all, Replies: all}, 6, 0, MaxData1M},
		{"both offered: the larger", Offer{6, AllActions, AllSteps | MaxData256K | MaxData1M, MacroLists{}}, Want{Events: all, Replies: all}, 6, 0, MaxData1M},
		{"other internal bits are not echoed", Offer{6, AllActions, AllSteps | 0xC0000000, MacroLists{}}, Want{Events: all, Replies: all}, 6, 0, 0},

		{"macros wished", FullOffer, Want{Events: all, Replies: all, Macros: macros}, 6, ActSymList, 0},
		{"macros wished, cannot be asked for", Offer{6, AllActions &^ ActSymList, AllSteps, MacroLists{}}, Want{Events: all, Replies: all, Macros: macros}, 6, 0, 0},
		{"no macros wished: the bit stays out", FullOffer, Want{Events: all, Replies: all, Optional: AllActions}, 6, AllActions &^ ActSymList, 0},
	} {
		a, err := Negotiate(test.offer, test.want)
		if err != nil || a.Version != test.version || a.Actions != test.actions || a.Steps != test.steps {
			t.Errorf("%s: version %d, %v, %v (%v), want %d, %v, %v", test.name, a.Version, a.Actions, a.Steps, err, test.version, test.actions, test.steps)
			continue
		}
		if err := checkAnswer(test.offer, a.Offer); err != nil {
			t.Errorf("%s: an MTA refuses that: %v", test.name, err)
		}
		if asked := !a.Macros.Empty(); asked != (a.Actions&ActSymList != 0) {
			t.Errorf("%s: macro lists without the action, or the action without lists", test.name)
		}
		for s := Stage(0); s < NumStages; s++ {
			unanswered := s == StageNegotiate || s == StageAbort || s == StageClose
			if owed := !unanswered && (s.NRStep() == 0 || a.Steps&s.NRStep() == 0); a.Owed(s) != owed {
				t.Errorf("%s: reply to %v owed: %v", test.name, s, a.Owed(s))
			}
		}
	}
}

func TestNegotiateRefuses(t *testing.T) {
	for _, test := range []struct {
		name    string
		offer   Offer
		want    Want
		missing Actions
		text    string
	}{
		{"version 1", Offer{1, 0x0F, 0x3F, MacroLists{}}, Want{}, 0, "version 1; 2 is the oldest"},
		{"version 0", Offer{}, Want{}, 0, "version 0; 2 is the oldest"},
		{"an action is missing", Offer{2, 0x0F, v2Steps, MacroLists{}}, Want{Actions: ActAddHeader | ActQuarantine}, ActQuarantine,
			"does not offer QUARANTINE"},
		{"no actions offered means those of version 1", Offer{2, 0, v2Steps, MacroLists{}}, Want{Actions: ActAddRcptPar | ActChgHeader},
			ActChgHeader | ActAddRcptPar, "CHGHDRS|ADDRCPT_PAR"},
	} {
		_, err := Negotiate(test.offer, test.want)
		var refused *NegotiationError
		if !errors.As(err, &refused) || refused.Missing != test.missing || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestOfferWire is OPTNEG byte by byte, in both directions.
func TestOfferWire(t *testing.T) {
	var lists MacroLists
	if err := errors.Join(lists.Request(StageConnect, []string{"j", "client_addr"}), lists.Request(StageRcpt, []string{"{rcpt_addr}"})); err != nil {
		t.Fatal(err)
	}
	o := Offer{Version: 6, Actions: 0x1FF, Steps: 0x1FFFFF, Macros: lists}
	wire := string(o.appendPayload(nil))
	want := "\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff" + "\x00\x00\x00\x00j {client_addr}\x00" + "\x00\x00\x00\x03{rcpt_addr}\x00"
	if wire != want {
		t.Errorf("sent as %q, want %q", wire, want)
	}
	var back Offer
	rest, err := back.decode([]byte(wire))
	if err == nil {
		err = back.Macros.decode(rest)
	}
	if err != nil || back != o {
		t.Errorf("read as %+v (%v), want %+v", back, err, o)
	}
	for _, short := range []string{"", wire[:11]} {
		if _, err := back.decode([]byte(short)); err == nil {
			t.Errorf("%d bytes are read as an offer", len(short))
		}
	}
}

// TestMacroListPair: Sendmail looks at the wrong flag, so EOH and EOM are asked for together, the other with its default.
func TestMacroListPair(t *testing.T) {
	for _, test := range []struct {
		stage Stage
		want  string
	}{
		{StageEOM, "\x00\x00\x00\x06i\x00\x00\x00\x00\x05{xy}\x00"},
		{StageEOH, "\x00\x00\x00\x06{xy}\x00\x00\x00\x00\x05i {msg_id}\x00"},
		{StageData, "\x00\x00\x00\x04{xy}\x00"},
	} {
		var l MacroLists
		if err := l.Request(test.stage, []string{"xy"}); err != nil {
			t.Fatal(err)
		}
		if got := string(l.appendPayload(nil)); got != test.want {
			t.Errorf("%v: %q, want %q", test.stage, got, test.want)
		}
	}
}

func TestMacroListRequest(t *testing.T) {
	var l MacroLists
	for _, test := range []struct {
		stage Stage
		names []string
		want  string // the list, or after "error: " a part of the message
	}{
		{StageConnect, []string{"j", "_", "daemon_name", "{if_addr}"}, "j _ {daemon_name} {if_addr}"},
		{StageHelo, []string{"{i}"}, "i"},
		{StageMail, nil, ""},
		{StageHeader, []string{"i"}, "error: no macros can be requested for header"},
		{StageBody, []string{"i"}, "error: no macros can be requested for body"},
		{StageUnknown, []string{"i"}, "error: no macros can be requested for unknown"},
		{StageRcpt, []string{"a b"}, "error: no macro name"},
		{StageRcpt, []string{"a,b"}, "error: no macro name"},
		{StageRcpt, []string{""}, "error: no macro name"},
		{StageRcpt, []string{"a\x00"}, "error: no macro name"},
		{StageEOM, make([]string, 51), "error: at most 50"},
	} {
		err := l.Request(test.stage, test.names)
		got := l.Of(test.stage)
		if err != nil {
			got = "error: " + err.Error()
		}
		if msg, failing := strings.CutPrefix(test.want, "error: "); failing && !strings.Contains(got, msg) || !failing && got != test.want {
			t.Errorf("%v %q: %q, want %q", test.stage, test.names, got, test.want)
		}
	}
}

func TestMacroListErrors(t *testing.T) {
	for _, p := range []string{"\x00", "\x00\x00\x00\x00", "\x00\x00\x00\x00i", "\x00\x00\x00\x00i\x00\x00"} {
		var l MacroLists
		if err := l.decode([]byte(p)); err == nil {
			t.Errorf("%q is read as %q", p, l)
		}
	}
	var l MacroLists // stages to come are skipped
	if err := l.decode([]byte("\x00\x00\x00\x09z\x00\x00\x00\x00\x01i\x00")); err != nil || l.Of(StageHelo) != "i" {
		t.Errorf("%q %v", l, err)
	}
}
