package simulate

import (
	"net/netip"
	"strings"
	"testing"

	"luamilter/protocol"
)

// TestMacros asks for macros at a stage and compares what scripts see.
func TestMacros(t *testing.T) {
	secure := DefaultClient
	secure.Auth, secure.TLS = Auth{User: "alice"}, TLS{Version: "TLSv1.3", Cipher: "AES", Bits: "256"}
	nameless := DefaultClient
	nameless.Host, nameless.IP = "", netip.MustParseAddr("2001:db8::1")
	for _, test := range []struct {
		name         string
		client       Client
		stage, macro string
		want         string
	}{
		{"host of the MTA", DefaultClient, "connect", "j", "mail.example.com"},
		{"daemon", DefaultClient, "connect", "{daemon_name}", "smtpd"},
		{"client", DefaultClient, "connect", "_", "client.example.com [192.0.2.1]"},
		{"client without a name", nameless, "connect", "_", "[2001:db8::1] [2001:db8::1]"},
		{"asked for", DefaultClient, "connect", "{client_addr}", "192.0.2.1"},
		{"asked for, of a nameless client", nameless, "connect", "{client_name}", "unknown"},
		{"version", DefaultClient, "connect", "v", "Postfix 3.7.11"},
		{"encryption", secure, "helo", "{cipher_bits}", "256"},
		{"no encryption", DefaultClient, "helo", "{tls_version}", "nil"},
		{"authentication", secure, "mail", "{auth_authen}", "alice"},
		{"kind of authentication", secure, "mail", "{auth_type}", "PLAIN"},
		{"sender", DefaultClient, "mail", "{mail_addr}", "a@example.com"},
		{"no queue id at mail", DefaultClient, "mail", "i", "nil"},
		{"recipient", DefaultClient, "rcpt", "{rcpt_addr}", "b@example.net"},
		{"next hop", DefaultClient, "rcpt", "{rcpt_host}", "example.net"},
		{"no queue id at the first rcpt", DefaultClient, "rcpt", "i", "nil"},
		{"queue id at data", DefaultClient, "data", "i", "4SIM100001"},
		{"queue id at eom", DefaultClient, "eom", "i", "4SIM100001"},
		{"set", DefaultClient, "connect", "{site}", "north"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := filterOf(t, "function "+test.stage+"(conn) return reject(tostring(conn.macros['"+test.macro+"'])) end")
			s, err := f.Open(test.client)
			if err != nil {
				t.Fatal(err)
			}
			s.SetMacro(protocol.StageConnect, "site", "north")
			r, err := s.Send(sampleEnvelope, ReadMessage([]byte(sample)))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Quit(); err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, a := range r.Answers {
				if a.Stage.String() == test.stage {
					got = a.Reply.Text
					break
				}
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestFacts compares what conn tells of the client.
func TestFacts(t *testing.T) {
	c := Client{IP: netip.MustParseAddr("::ffff:198.51.100.7"), Port: 4711, Helo: "there", Auth: Auth{User: "bob", Type: "LOGIN"}}
	f := filterOf(t, `function data(conn)
		return reject(table.concat({conn.ip, conn.port, conn.family, conn.host, conn.helo, conn.auth.user, conn.auth.type,
			tostring(conn.tls), conn.mta, conn.daemon, conn.sender, table.concat(conn.recipients, ",")}, " "))
	end`)
	r, err := f.Play(c, NewEnvelope("", "b@example.net"), Message{})
	if err != nil {
		t.Fatal(err)
	}
	want := "198.51.100.7 4711 inet [198.51.100.7] there bob LOGIN nil postfix 3.7.11 smtpd  b@example.net"
	if !strings.Contains(r.Reply.Text, want) {
		t.Errorf("got  %s\nwant %s\n%v", r.Reply.Text, want, r.Hooks)
	}
}
