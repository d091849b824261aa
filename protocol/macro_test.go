package protocol

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// macroPacket returns the payload of a MACRO packet, from "M i=1 {x}=2".
func macroPacket(spec string) []byte {
	words := strings.Fields(spec)
	p := []byte(words[0])
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		p = append(append(append(append(p, name...), 0), value...), 0)
	}
	return p
}

// visible returns all macros that can be seen, sorted.
func visible(m *Macros) string {
	all := maps.Collect(m.All())
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, name+"="+all[name])
	}
	return strings.Join(out, " ")
}

// TestMacroScopes plays commands ("!M") and macro packets and looks at what can be seen after each command, and after a packet
// where something is given.
func TestMacroScopes(t *testing.T) {
	type step struct{ do, want string }
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"libmilter's table: a command clears the stages behind it", []step{
			{"C c=1", ""}, {"!C", "c=1"}, {"H h=1", ""}, {"!H", "c=1 h=1"}, {"M m=1", ""}, {"!M", "c=1 h=1 m=1"},
			{"R r=1", ""}, {"!R", "c=1 h=1 m=1 r=1"}, {"T t=1", ""}, {"!T", "c=1 h=1 m=1 r=1 t=1"},
			{"N n=1", ""}, {"!N", "c=1 h=1 m=1 n=1 r=1 t=1"}, {"E e=1", ""}, {"!E", "c=1 e=1 h=1 m=1 n=1 r=1 t=1"},
			{"!R", "c=1 h=1 m=1 r=1"}, {"!M", "c=1 h=1 m=1"}, {"!H", "c=1 h=1"}, {"!C", "c=1"},
		}},
		{"nothing else clears", []step{
			{"M m=1", ""}, {"!M", "m=1"}, {"R r=1", ""}, {"!R", "m=1 r=1"}, {"!T", "m=1 r=1"}, {"!L", "m=1 r=1"}, {"!N", "m=1 r=1"},
			{"!B", "m=1 r=1"}, {"!E", "m=1 r=1"}, {"!U", "m=1 r=1"}, {"!A", "m=1 r=1"}, {"!Q", "m=1 r=1"},
		}},
		{"a packet replaces all macros of its stage", []step{
			{"R a=1 b=1", ""}, {"!R", "a=1 b=1"}, {"R b=2", ""}, {"!R", "b=2"},
		}},
		{"an empty packet clears its stage", []step{
			{"R a=1", ""}, {"!R", "a=1"}, {"R", ""}, {"!R", ""},
		}},
		{"later stages hide earlier ones", []step{
			{"C x=c", ""}, {"!C", "x=c"}, {"M x=m", ""}, {"!M", "x=m"}, {"N x=n", ""}, {"!N", "x=n"}, {"E x=e", ""}, {"!E", "x=e"},
			{"!M", "x=m"},
		}},
		{"macros of a header field, a chunk or an unknown command are visible in that one only", []step{
			{"M i=1", ""}, {"!M", "i=1"}, {"L i=2", ""}, {"!L", "i=2"}, {"!L", "i=1"}, {"B i=3", ""}, {"!B", "i=3"}, {"!E", "i=1"},
			{"U i=4", ""}, {"!U", "i=4"}, {"!U", "i=1"}, {"L i=5", ""}, {"!B", "i=1"}, {"!L", "i=1"},
		}},
		{"a packet counts when its command comes", []step{
			{"M i=1", ""}, {"!M", "i=1"}, {"M i=2", "i=1"}, {"!M", "i=2"},
		}},
		{"of two packets for one command the last counts", []step{
			{"M i=1", ""}, {"M j=2", "i=1"}, {"!M", "j=2"},
		}},
		{"a packet stands for a command that was negotiated away", []step{
			{"M i=1", ""}, {"R r=1", "i=1"}, {"E e=1", "i=1 r=1"}, {"!E", "e=1 i=1 r=1"}, {"M i=2", "e=1 i=1 r=1"}, {"R r=2", "i=2"}, {"!N", "i=2 r=2"},
		}},
		{"letters of commands that have no macros do no harm", []step{
			{"M i=1", ""}, {"!M", "i=1"}, {"A x=1", "i=1"}, {"!A", "i=1 x=1"}, {"Q y=1", "i=1 x=1"}, {"z z=1", "i=1 y=1"}, {"!M", "i=1"},
		}},
		{"QUIT_NC clears all, but not before the next command", []step{
			{"C c=1", ""}, {"!C", "c=1"}, {"M m=1", "c=1"}, {"!M", "c=1 m=1"}, {"!K", "c=1 m=1"}, {"!C", ""}, {"H h=1", ""}, {"!H", "h=1"},
		}},
		{"macros of the next connection survive the end of the last", []step{
			{"C c=1", ""}, {"!C", "c=1"}, {"!K", "c=1"}, {"C c=2", ""}, {"!C", "c=2"},
		}},
	} {
		var m Macros
		for i, s := range test.steps {
			if cmd, ok := strings.CutPrefix(s.do, "!"); ok {
				m.begin(Command(cmd[0]))
				if cmd == "K" {
					m.end()
				}
			} else if err := m.store(macroPacket(s.do)); err != nil {
				t.Fatal(err)
			}
			if got := visible(&m); got != s.want && (s.want != "" || s.do[0] == '!') {
				t.Errorf("%s: after step %d, %q: %q, want %q", test.name, i+1, s.do, got, s.want)
			}
		}
	}
}

func TestMacroGet(t *testing.T) {
	for _, test := range []struct {
		name, packet, ask, want string
		found                   bool
	}{
		{"one letter", "Mi\x00Q1\x00", "i", "Q1", true},
		{"one letter, asked for with braces", "Mi\x00Q1\x00", "{i}", "Q1", true},
		{"one letter, sent with braces", "M{i}\x00Q1\x00", "i", "Q1", true},
		{"long name", "M{auth_type}\x00plain\x00", "auth_type", "plain", true},
		{"long name with braces", "M{auth_type}\x00plain\x00", "{auth_type}", "plain", true},
		{"long name sent without braces", "Mauth_type\x00plain\x00", "{auth_type}", "plain", true},
		{"case counts", "M{auth_type}\x00plain\x00", "AUTH_TYPE", "", false},
		{"empty value", "Mi\x00\x00", "i", "", true},
		{"odd number of strings", "Mi\x00Q1\x00{x}\x00", "x", "", true},
		{"last string without NUL", "Mi\x00Q1", "i", "Q1", true},
		{"name without anything", "Mi", "i", "", true},
		{"the first of two", "Mi\x00Q1\x00i\x00Q2\x00", "i", "Q1", true},
		{"not there", "Mi\x00Q1\x00", "j", "", false},
		{"a prefix is another name", "M{ab}\x00x\x00", "a", "", false},
		{"a value is no name", "Mi\x00j\x00", "j", "", false},
		{"the letter is no name", "Mi\x00j\x00", "Mi", "", false},
		{"nothing but the letter", "M", "i", "", false},
		{"no packet", "", "i", "", false},
	} {
		var m Macros
		if err := m.store([]byte(test.packet)); err != nil {
			t.Fatal(err)
		}
		m.begin(CmdMail)
		if got, ok := m.Get(test.ask); ok != test.found || string(got) != test.want {
			t.Errorf("%s: %q, %v, want %q, %v", test.name, got, ok, test.want, test.found)
		}
	}
}

func TestMacroLimit(t *testing.T) {
	var m Macros
	if err := m.store(make([]byte, MaxChunk)); err != nil {
		t.Errorf("%d bytes: %v", MaxChunk, err)
	}
	if err := m.store(make([]byte, MaxChunk+1)); err == nil {
		t.Error("one byte more is taken")
	}
}

func TestMacroAllStops(t *testing.T) {
	var m Macros
	if err := m.store(macroPacket("M i=1 j=2 k=3")); err != nil {
		t.Fatal(err)
	}
	m.begin(CmdMail)
	n := 0
	for range m.All() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d macros", n)
	}
}

func TestMacroName(t *testing.T) {
	for in, want := range map[string]string{"i": "i", "{i}": "i", "mail_addr": "{mail_addr}", "{mail_addr}": "{mail_addr}", "_": "_"} {
		if got := MacroName(in); got != want {
			t.Errorf("%q is spelt %q, want %q", in, got, want)
		}
	}
}

// TestIdentifyMTA: the macros that real MTAs send, by default and as they may be configured.
func TestIdentifyMTA(t *testing.T) {
	for _, test := range []struct {
		name    string
		packets []string
		want    MTA
	}{
		{"Postfix 3.7", []string{"C j=mx {daemon_name}=mx {daemon_addr}=127.0.0.1 v=Postfix-3.7.11 _=x", "M {mail_addr}=a {mail_host}=h {mail_mailer}=relay"}, Postfix},
		{"Postfix without v", []string{"C j=mx {daemon_name}=mx", "M {mail_addr}=a", "L i=Q"}, Postfix},
		{"Postfix without v, body only", []string{"C j=mx", "B i=Q"}, Postfix},
		{"Postfix without v, before the message", []string{"C j=mx {daemon_name}=mx {daemon_addr}=1"}, UnknownMTA},
		{"Postfix without v, queue id at MAIL", []string{"C j=mx {daemon_addr}=1", "M i=Q {mail_mailer}=relay"}, UnknownMTA},
		{"Sendmail 8.17", []string{"C j=mx _=x {daemon_name}=MTA {if_name}=mx", "M i=Q {mail_mailer}=relay {mail_host}=h {mail_addr}=a"}, Sendmail},
		{"Sendmail -bs", []string{"C j=mx _=root@localhost", "M i=Q {mail_mailer}=relay {mail_host}=h {mail_addr}=a"}, Sendmail},
		{"Sendmail with v", []string{"C j=mx v=8.17.1 {daemon_addr}=1"}, Sendmail},
		{"another one that says so", []string{"C j=mx v=Exim-4.97 {if_name}=x", "L i=Q"}, UnknownMTA},
		{"v without a value", []string{"C j=mx v= {if_name}=x"}, Sendmail},
		{"queue id only", []string{"M i=Q"}, UnknownMTA},
		{"nothing", nil, UnknownMTA},
	} {
		var m Macros
		for _, p := range test.packets {
			if err := m.store(macroPacket(p)); err != nil {
				t.Fatal(err)
			}
			m.begin(Command(p[0]))
		}
		m.begin(CmdEOM)
		if got := IdentifyMTA(&m); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
