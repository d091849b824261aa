package protocol

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestEventWire has, for every event, the bytes an MTA sends and what they mean.
func TestEventWire(t *testing.T) {
	for _, test := range []struct {
		name    string
		payload string
		event   Event
	}{
		{"IPv4", "mail.example\x004\x30\x39192.0.2.1\x00",
			&Connect{Host: []byte("mail.example"), Family: FamilyInet, Port: 12345, Address: []byte("192.0.2.1")}},
		{"IPv4 without a name", "[192.0.2.1]\x004\x00\x19192.0.2.1\x00",
			&Connect{Host: []byte("[192.0.2.1]"), Family: FamilyInet, Port: 25, Address: []byte("192.0.2.1")}},
		{"IPv4, port unknown", "localhost\x004\x00\x00127.0.0.1\x00",
			&Connect{Host: []byte("localhost"), Family: FamilyInet, Address: []byte("127.0.0.1")}},
		{"IPv6 from Postfix", "h\x006\xff\xff2001:db8::1\x00",
			&Connect{Host: []byte("h"), Family: FamilyInet6, Port: 65535, Address: []byte("2001:db8::1")}},
		{"unix socket", "localhost\x00L\x00\x00/run/mta.sock\x00",
			&Connect{Host: []byte("localhost"), Family: FamilyUnix, Address: []byte("/run/mta.sock")}},
		{"no address at all", "localhost\x00U", &Connect{Host: []byte("localhost"), Family: FamilyUnknown}},
		{"client vanished", "unknown\x00U", &Connect{Host: []byte("unknown"), Family: FamilyUnknown}},
		{"HELO", "client.example\x00", &Helo{Name: []byte("client.example")}},
		{"HELO without a name", "\x00", &Helo{Name: []byte{}}},
		{"MAIL", "<a@b.example>\x00", &Mail{Sender: []byte("<a@b.example>"), Params: Params{}}},
		{"MAIL with parameters", "<a@b.example>\x00SIZE=1\x00BODY=8BITMIME\x00",
			&Mail{Sender: []byte("<a@b.example>"), Params: MakeParams("SIZE=1", "BODY=8BITMIME")}},
		{"MAIL, null sender", "<>\x00", &Mail{Sender: []byte("<>"), Params: Params{}}},
		{"MAIL, null sender from Postfix' non_smtpd_milters", "\x00", &Mail{Sender: []byte{}, Params: Params{}}},
		{"RCPT", "<a@b.example>\x00NOTIFY=NEVER\x00",
			&Rcpt{Recipient: []byte("<a@b.example>"), Params: MakeParams("NOTIFY=NEVER")}},
		{"DATA", "", &Data{}},
		{"HEADER", "Subject\x00 hello\n\tworld\x00", &Header{Name: []byte("Subject"), Value: []byte(" hello\n\tworld")}},
		{"HEADER without a value", "Subject\x00\x00", &Header{Name: []byte("Subject"), Value: []byte{}}},
		{"EOH", "", &EndOfHeader{}},
		{"BODY", "a\x00b\r\n", &Body{Chunk: []byte("a\x00b\r\n")}},
		{"BODY without bytes", "", &Body{Chunk: []byte{}}},
		{"EOM", "", &EndOfMessage{}},
		{"UNKNOWN", "FOO bar\x00", &Unknown{Line: []byte("FOO bar")}},
		{"ABORT", "", &Abort{}},
		{"QUIT", "", &Quit{}},
		{"QUIT_NC", "", &QuitNC{}},
	} {
		got := newEvent(test.event)
		if err := got.decode([]byte(test.payload)); err != nil || !reflect.DeepEqual(got, test.event) {
			t.Errorf("%s: %q means %+v (%v), want %+v", test.name, test.payload, got, err, test.event)
		}
		if wire := string(test.event.appendPayload([]byte("before"))); wire != "before"+test.payload {
			t.Errorf("%s: sent as %q, want %q", test.name, wire, test.payload)
		}
	}
}

// newEvent returns an empty event of the same type.
func newEvent(ev Event) Event { return reflect.New(reflect.TypeOf(ev).Elem()).Interface().(Event) }

// TestEventTolerance has forms that MTAs are known to send, or could, and what is made of them.
func TestEventTolerance(t *testing.T) {
	for _, test := range []struct {
		name, payload, want string
		event               Event
	}{
		{"IPv6 from Sendmail", "h\x006\x00\x19IPv6:2001:db8::1\x00", `connect "h" inet6 25 "2001:db8::1"`, &Connect{}},
		{"prefix in another case", "h\x006\x00\x19ipV6:::1\x00", `connect "h" inet6 25 "::1"`, &Connect{}},
		{"IPv6 in brackets", "h\x006\x00\x19[::1]\x00", `connect "h" inet6 25 "::1"`, &Connect{}},
		{"prefix in brackets", "h\x006\x00\x19[IPv6:::1]\x00", `connect "h" inet6 25 "::1"`, &Connect{}},
		{"brackets behind the prefix", "h\x006\x00\x19IPv6:[::1]\x00", `connect "h" inet6 25 "::1"`, &Connect{}},
		{"nothing but the prefix", "h\x006\x00\x19IPv6:\x00", `connect "h" inet6 25 ""`, &Connect{}},
		{"brackets that do not match", "h\x006\x00\x19[::1\x00", `connect "h" inet6 25 "[::1"`, &Connect{}},
		{"IPv4 stays as it is", "h\x004\x00\x19[1.2.3.4]\x00", `connect "h" inet 25 "[1.2.3.4]"`, &Connect{}},
		{"empty address", "h\x004\x00\x19\x00", `connect "h" inet 25 ""`, &Connect{}},
		{"empty host", "\x00U", `connect "" unknown 0 ""`, &Connect{}},
		{"unknown with surplus bytes", "h\x00U\x00\x19::1\x00", `connect "h" unknown 0 ""`, &Connect{}},
		{"HELO without NUL", "client", `helo "client"`, &Helo{}},
		{"UNKNOWN without NUL", "FOO", `unknown "FOO"`, &Unknown{}},
		{"UNKNOWN without anything", "", `unknown ""`, &Unknown{}},
		{"last parameter without NUL", "<a>\x00X=1\x00Y=2", `mail "<a>" "X=1" "Y=2"`, &Mail{}},
		{"empty parameters", "<a>\x00\x00X=1\x00\x00", `rcpt "<a>" "X=1"`, &Rcpt{}},
		{"junk in brackets", "<a\tb>\x00", `rcpt "<a\tb>"`, &Rcpt{}},
		{"NUL in a header value", "X\x00a\x00b\x00", `header "X" "a\x00b"`, &Header{}},
	} {
		if err := test.event.decode([]byte(test.payload)); err != nil || describe(test.event) != test.want {
			t.Errorf("%s: %s (%v), want %s", test.name, describe(test.event), err, test.want)
		}
	}
}

func TestEventErrors(t *testing.T) {
	for _, test := range []struct {
		name, payload string
		event         Event
		want          string
	}{
		{"CONNECT without anything", "", &Connect{}, "without a host name"},
		{"CONNECT without NUL", "host", &Connect{}, "without a host name"},
		{"CONNECT without a family", "host\x00", &Connect{}, "without a host name"},
		{"CONNECT with an unknown family", "host\x00X\x00\x191.2.3.4\x00", &Connect{}, "unknown address family 'X'"},
		{"CONNECT without a port", "host\x004", &Connect{}, "without a port"},
		{"CONNECT with half a port", "host\x004\x00", &Connect{}, "without a port"},
		{"CONNECT without an address", "host\x004\x00\x19", &Connect{}, "without a port"},
		{"CONNECT, address without NUL", "host\x004\x00\x191.2.3.4", &Connect{}, "without a port"},
		{"MAIL without anything", "", &Mail{}, "does not end in NUL"},
		{"MAIL without NUL", "<a@b>", &Mail{}, "does not end in NUL"},
		{"RCPT without NUL", "<a@b>", &Rcpt{}, "does not end in NUL"},
		{"HEADER without anything", "", &Header{}, "each ended by NUL"},
		{"HEADER without a value", "Subject\x00", &Header{}, "each ended by NUL"},
		{"HEADER, value without NUL", "Subject\x00hello", &Header{}, "each ended by NUL"},
	} {
		err := test.event.decode([]byte(test.payload))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func TestConnectWithoutFamilyIsUnknown(t *testing.T) {
	if got := string((&Connect{Host: []byte("h"), Address: []byte("x")}).appendPayload(nil)); got != "h\x00U" {
		t.Errorf("sent as %q", got)
	}
}

func TestParams(t *testing.T) {
	p := MakeParams("SIZE=1", "SMTPUTF8")
	if string(p) != "SIZE=1\x00SMTPUTF8\x00" {
		t.Errorf("wire form %q", p)
	}
	var got []string
	for one := range p.All() {
		got = append(got, string(one))
		if len(got) == 1 {
			continue
		}
		break
	}
	if !slices.Equal(got, []string{"SIZE=1", "SMTPUTF8"}) {
		t.Errorf("got %q", got)
	}
	for range MakeParams().All() {
		t.Error("no parameters yield one")
	}
}

// TestNames: what is logged and what scripts see.
func TestNames(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{CmdEOM.String(), "BODYEOB"}, {Command('x').String(), "command 'x'"}, {Command(0).String(), `command '\x00'`},
		{RespAddRcptPar.String(), "ADDRCPT_PAR"}, {Response('?').String(), "response '?'"},
		{StageEOH.String(), "eoh"}, {Stage(99).String(), "stage 99"},
		{FamilyInet.String(), "inet"}, {FamilyInet6.String(), "inet6"}, {FamilyUnix.String(), "unix"},
		{FamilyUnknown.String(), "unknown"}, {Family(0).String(), "unknown"},
		{Skip.String(), "skip"}, {Verdict(9).String(), "verdict 9"},
		{Postfix.String(), "postfix"}, {Sendmail.String(), "sendmail"}, {UnknownMTA.String(), ""}, {MTA(9).String(), ""},
		{Actions(0).String(), "none"}, {(ActAddHeader | ActSymList | 1<<9).String(), "ADDHDRS|SETSYMLIST|0x200"},
		{(NoConnect | LeadingSpace | MaxData1M | 1<<31).String(), "NOCONNECT|HDR_LEADSPC|MDS_1M|0x80000000"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	for s := Stage(0); s < NumStages; s++ {
		if again, ok := StageNamed(s.String()); !ok || again != s {
			t.Errorf("%v is not found by its name", s)
		}
	}
	if _, ok := StageNamed("HELO"); ok {
		t.Error("names of stages are in lower case")
	}
}

// TestEventStages: the commands, their stages, and what belongs to a message.
func TestEventStages(t *testing.T) {
	for ev, want := range map[Event]string{
		&Connect{}: "connect C false", &Helo{}: "helo H false", &Mail{}: "mail M true", &Rcpt{}: "rcpt R true",
		&Data{}: "data T true", &Header{}: "header L true", &EndOfHeader{}: "eoh N true", &Body{}: "body B true",
		&EndOfMessage{}: "eom E true", &Unknown{}: "unknown U false", &Abort{}: "abort A true", &Quit{}: "close Q false",
		&QuitNC{}: "close Q false",
	} {
		s := ev.Stage()
		got := s.String() + " " + string(rune(s.Command())) + " " + map[bool]string{true: "true", false: "false"}[s.InMessage()]
		if got != want {
			t.Errorf("%T: %s, want %s", ev, got, want)
		}
	}
}
