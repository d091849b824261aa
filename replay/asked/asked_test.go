package asked

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"luamilter/luaapi"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/dns"
	"luamilter/luaapi/geo"
	fakes "luamilter/luaapi/outbox"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// askAll asks everybody something, and returns what came of it by kind.
func askAll(t *testing.T, s *luaapi.Services) map[string]error {
	t.Helper()
	ctx, failed := t.Context(), map[string]error{}
	q, err := dns.NewQuestion("example.com", dns.MX)
	if err != nil {
		t.Fatal(err)
	}
	if _, cached := s.DNS.Cached(q); cached {
		t.Error("the cache knows what nobody has asked")
	}
	_, failed["dns"] = s.DNS.Lookup(ctx, q)
	_, failed["geo"] = s.Geo.Look(netip.MustParseAddr("192.0.2.1"))
	_, failed["http"] = s.HTTP.Do(ctx, &web.Request{Method: http.MethodGet, URL: "https://example.com/"})
	_, failed["http post"] = s.HTTP.Do(ctx, &web.Request{Method: http.MethodPost, URL: "https://example.com/"})
	_, failed["clamav"] = s.ClamAV.Scan(ctx, strings.NewReader("an evil text"))
	_, failed["rspamd"] = s.Rspamd.Check(ctx, &rspamd.Message{Size: 12})
	_, failed["spamc"] = s.Spamd.Check(ctx, &spamd.Message{Size: 12})
	_, failed["socket"] = s.Socket.Exchange(ctx, "127.0.0.1:1", &upstream.Exchange{Send: "hello\n"})
	_, failed["smtp"] = s.SMTP.Verify(ctx, &smtp.Question{Recipient: "a@example.com", Host: "mx.example.com:25"})
	_, failed["http.later"] = s.Outbox.Put(luaapi.OutboxHTTP, &web.Request{Method: http.MethodPost, URL: "https://example.com/hook"})
	_, failed["smtp.send"] = s.Outbox.Put(luaapi.OutboxMail, &smtp.Mail{To: []string{"a@example.com", "b@example.com"}, Content: "text"})
	return failed
}

// lines are the lookups of a log, one a line.
func lines(l *Log) string {
	var all []string
	for _, one := range l.Lookups() {
		all = append(all, one.String())
	}
	return strings.Join(all, "\n")
}

// Nobody is asked: each lookup fails as when nobody answers, and what is to be sent is taken.
func TestSilent(t *testing.T) {
	s, log := Silent("a replay").Begin()
	for kind, err := range askAll(t, s) {
		switch {
		case Sends(kind) && err != nil:
			t.Errorf("%s: %v", kind, err)
		case !Sends(kind) && (err == nil || err.Error() != "not asked in a replay" || errors.Is(err, upstream.ErrUntold) || errors.Is(err, dns.ErrUntold)):
			t.Errorf("%s: %v", kind, err)
		}
	}
	const want = `dns MX example.com: not asked in a replay
geo 192.0.2.1: not asked in a replay
http GET https://example.com/: not asked in a replay
http POST https://example.com/: not asked in a replay
clamav 12 bytes: not asked in a replay
rspamd 12 bytes: not asked in a replay
spamc 12 bytes: not asked in a replay
socket 127.0.0.1:1 "hello\n": not asked in a replay
smtp a@example.com at mx.example.com:25: not asked in a replay
http.later POST https://example.com/hook: taken, but never sent from here
smtp.send to a@example.com, b@example.com, 4 bytes: taken, but never sent from here`
	if got := lines(log); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	if s.Relay == "" || s.Store == nil || s.Cache == nil {
		t.Error("there is no relay, no store or no cache")
	}
}

// configured are services as a configuration gives them.
func configured(t *testing.T) (*luaapi.Services, *fakes.Fake) {
	t.Helper()
	names, pages, viruses, known, sockets, sent := dns.NewFake(), web.NewFake(), clamav.NewFake(), smtp.NewFake(), upstream.NewFake(), &fakes.Fake{}
	if err := names.Set("example.com", dns.MX, dns.Record{Value: "mx.example.com", Preference: 10}, dns.Record{Value: "mx2.example.com", Preference: 20}); err != nil {
		t.Fatal(err)
	}
	pages.Answer("https://example.com/", web.Response{Status: 200, Body: "hello"})
	viruses.Infect("evil", "Test.Virus")
	known.Know("a@example.com")
	sockets.Answer("127.0.0.1:1", "world")
	return &luaapi.Services{
		DNS: names, HTTP: pages, ClamAV: viruses, SMTP: known, Socket: sockets, Outbox: sent, Relay: "127.0.0.1:25",
		Geo:    geo.Table{netip.MustParsePrefix("192.0.2.0/24"): {Country: "CH", ASN: 64500, Organization: "Example"}},
		Rspamd: &rspamd.Fake{Result: &rspamd.Result{Action: "reject", Score: 16, Required: 15}},
		Spamd:  &spamd.Fake{}, // does not answer
	}, sent
}

// Live, those are asked who are configured, but nothing is sent that does something.
func TestLive(t *testing.T) {
	real, sent := configured(t)
	a := Live("a replay", real)
	s, log := a.Begin()
	failed := askAll(t, s)
	for kind, err := range failed {
		if wrong := kind == "http post" || kind == "spamc"; wrong != (err != nil) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	want := `dns MX example.com: 10 mx.example.com, 20 mx2.example.com
geo 192.0.2.1: CH AS64500 Example
http GET https://example.com/: 200, 5 bytes
http POST https://example.com/: not sent in a replay: POST may change something
clamav 12 bytes: infected with Test.Virus
rspamd 12 bytes: reject, 16.0 of 15.0
spamc 12 bytes: ` + failed["spamc"].Error() + `
socket 127.0.0.1:1 "hello\n": "world"
smtp a@example.com at mx.example.com:25: known
http.later POST https://example.com/hook: taken, but never sent from here
smtp.send to a@example.com, b@example.com, 4 bytes: taken, but never sent from here`
	if got := lines(log); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	if items := sent.Items(); len(items) > 0 {
		t.Errorf("%d are sent", len(items))
	}
	for _, l := range log.Lookups() {
		if asked := !Sends(l.Kind) && !strings.Contains(l.Question, "POST"); l.Asked != asked {
			t.Errorf("%v: asked %v", &l, l.Asked)
		}
	}
	none, _ := Live("a replay", &luaapi.Services{}).Begin()
	if none.ClamAV != nil || none.DNS != nil || none.HTTP != nil {
		t.Error("who is not configured is there")
	}
}

// Messages share the store, and have logs of their own.
func TestBegin(t *testing.T) {
	a := Silent("a replay")
	one, first := a.Begin()
	two, second := a.Begin()
	if one.Store != two.Store || one.Cache != two.Cache || one.Maps != two.Maps {
		t.Error("they have stores of their own")
	}
	askAll(t, one)
	if len(first.Lookups()) == 0 || len(second.Lookups()) != 0 {
		t.Errorf("%d lookups of the first, %d of the second", len(first.Lookups()), len(second.Lookups()))
	}
}

// The same is counted, and shown once; of very many different things not all. Texts are of one line, and not long.
func TestLog(t *testing.T) {
	var l Log
	var busy sync.WaitGroup
	for range 4 {
		busy.Go(func() {
			for range 50 {
				l.done("dns", "A example.com", "192.0.2.1", nil)
			}
		})
	}
	busy.Wait()
	if got := lines(&l); got != "dns A example.com (200 times): 192.0.2.1" {
		t.Error(got)
	}
	l.done("dns", "A example.com", "", errors.New("one\r\ntwo"))
	l.done("dns", strings.Repeat("x", 5000), strings.Repeat("y", 5000), nil)
	for _, one := range l.Lookups() {
		if text := one.String(); strings.ContainsAny(text, "\r\n") || len(text) > 700 {
			t.Errorf("%d bytes: %.100q", len(text), text)
		}
	}
	for i := range 2 * maxLookups {
		l.done("dns", fmt.Sprint(i), "", nil)
	}
	if n := len(l.Lookups()); n != maxLookups {
		t.Errorf("%d lookups", n)
	}
}
