package scripts

import (
	"bytes"
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/dns"
	"luamilter/protocol"
)

// knownLists has 192.0.2.1 and 2001:db8::1 on a list, which does not answer about 192.0.2.3.
func knownLists(t *testing.T) *dns.Fake {
	t.Helper()
	f := dns.NewFake()
	for _, name := range []string{"1.2.0.192.dnsbl.example.org", "1.100.51.198.dnsbl.example.org", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.dnsbl.example.org"} {
		if err := f.Set(name, dns.A, dns.Record{Value: "127.0.0.2"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Fail("3.2.0.192.dnsbl.example.org", dns.A, errors.New("no answer in time")); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestDNSBL plays clients to the template dnsbl.
func TestDNSBL(t *testing.T) {
	var log bytes.Buffer
	path := filepath.Join("templates", "dnsbl.lua")
	p, err := engine.Load([]string{path}, engine.Options{
		Limits: engine.DefaultLimits, OnError: protocol.Tempfail, Services: &luaapi.Services{DNS: knownLists(t)},
		Scripts: map[string]engine.ScriptOptions{"dnsbl": {Settings: map[string]luaapi.Given{"allow": {Value: []any{"198.51.100.", "::1"}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, f := range p.Check() {
		t.Error(f.Detail())
	}
	e := engine.New(map[string]*engine.Program{"": p}, zerolog.New(&log))
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- e.Serve(l, "") }()
	for _, c := range []struct {
		name, ip, recipient string
		login               bool
		want                protocol.Verdict
	}{
		{"listed", "192.0.2.1", "a@example.com", false, protocol.Reject},
		{"listed, over IPv6", "2001:db8::1", "a@example.com", false, protocol.Reject},
		{"not listed", "192.0.2.2", "a@example.com", false, protocol.Continue},
		{"listed, and allowed", "198.51.100.1", "a@example.com", false, protocol.Continue},
		{"listed, and logged in", "192.0.2.1", "a@example.com", true, protocol.Continue},
		{"listed, to the postmaster", "192.0.2.1", "PostMaster@example.com", false, protocol.Continue},
		{"the list does not answer", "192.0.2.3", "a@example.com", false, protocol.Continue},
	} {
		r := clientOf(t, l.Addr().String(), c.ip, c.recipient, c.login)
		if r.Verdict != c.want {
			t.Errorf("%s: %v, want %v", c.name, r, c.want)
		}
		if c.want == protocol.Reject && !strings.Contains(r.Text, c.ip+" is listed at dnsbl.example.org") {
			t.Errorf("%s: the reply is %q", c.name, r.Text)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(e.Shutdown(ctx), <-served); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "not all lists answer"); n != 1 {
		t.Errorf("the log says %d times that a list does not answer:\n%s", n, log.String())
	}
}

// clientOf plays a client up to two equal recipients, and returns the reply to the second.
func clientOf(t *testing.T, socket, ip, recipient string, login bool) protocol.Reply {
	t.Helper()
	nc, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.NewClient(nc, 10*time.Second)
	defer func() { _ = c.Close() }()
	if _, err := c.Negotiate(protocol.FullOffer); err != nil {
		t.Fatal(err)
	}
	family := protocol.FamilyInet
	if strings.Contains(ip, ":") {
		family = protocol.FamilyInet6
	}
	var r protocol.Reply
	for _, ev := range []protocol.Event{
		&protocol.Connect{Host: []byte("client.example.com"), Family: family, Port: 2525, Address: []byte(ip)},
		&protocol.Mail{Sender: []byte("<sender@example.com>")},
		&protocol.Rcpt{Recipient: []byte("<" + recipient + ">")},
		&protocol.Rcpt{Recipient: []byte("<" + recipient + ">")},
	} {
		if login && ev.Stage() == protocol.StageMail {
			if err := c.Macros(protocol.StageMail, "{auth_type}", "PLAIN", "{auth_authen}", "user@example.com"); err != nil {
				t.Fatal(err)
			}
		}
		if !c.Wants(ev.Stage()) {
			continue
		}
		if r, err = c.Send(ev); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	return r
}
