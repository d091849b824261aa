package engine

import (
	"errors"
	"os"
	"strings"
	"testing"

	"luamilter/luaapi"
	"luamilter/luaapi/dns"
)

// The script in docs/dns.md does what it says.
func TestScriptOfDNSDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/dns.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "```lua\n")
	script, _, _ = strings.Cut(script, "```")
	f := dns.NewFake()
	for _, err := range []error{
		f.Set("example.org", dns.MX, dns.Record{Value: "mx.example.org"}),
		f.Set("host.example.org", dns.A, dns.Record{Value: "192.0.2.9"}),
		f.Set("7.2.0.192.in-addr.arpa", dns.PTR, dns.Record{Value: "client.example.org"}),
		f.Set("client.example.org", dns.A, dns.Record{Value: "192.0.2.7"}),
		f.Fail("broken.example.org", dns.MX, errors.New("no answer in time")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := defaults()
	s.services = &luaapi.Services{DNS: f}
	r := s.start(t, script)
	m := r.mta()
	m.dialog(`
		connect
		mail <a@example.org> -> continue
		eom -> continue
		mail <a@host.example.org> -> continue
		eom -> continue
		mail <> -> continue
		eom -> continue
		mail <a@broken.example.org> -> continue
		eom -> continue
		mail <a@none.example.org> -> reject 550 5.1.8 the domain none.example.org takes no mail`)
	if err := f.Set("7.2.0.192.dnsbl.example.org", dns.A, dns.Record{Value: "127.0.0.2"}); err != nil {
		t.Fatal(err)
	}
	m.dialog("mail <a@example.org> -> reject 550 5.7.1 192.0.2.7 is listed at dnsbl.example.org\nquit")
	noErrors(t, r)

	s.services = &luaapi.Services{DNS: dns.NewFake()} // in which the client has no name
	s.start(t, script).mta().dialog("connect\nmail <> -> continue\neom -> continue, ADDHEADER X-Client-Name: none")
}
