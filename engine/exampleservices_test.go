package engine

import (
	"net/http"
	"net/netip"
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/geo"
	"luamilter/luaapi/outbox"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// exampleServices are what the examples of the reference ask.
func exampleServices() *luaapi.Services {
	answers := web.NewFake()
	reputation := web.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"score": 7}`}
	answers.Answer("https://reputation.example.com/ip/192.0.2.1", reputation)
	answers.Answer("https://api.example.com/check", web.Response{Status: 200, Body: "fine"})
	answers.Answer("https://api.example.com/seen/4F1A2B", web.Response{Status: 204})
	sockets := upstream.NewFake()
	sockets.Answer("127.0.0.1:10023", "action=DUNNO")
	recipients := smtp.NewFake()
	recipients.Know("one@example.org")
	played := luaapi.PlayedServices(time.Now)
	return &luaapi.Services{
		Geo:  geo.Table{netip.MustParsePrefix("192.0.2.0/24"): {Country: "DE", ASN: 64496, Organization: "Example Net"}},
		HTTP: answers, ClamAV: clamav.NewFake(), Socket: sockets, SMTP: recipients, Outbox: &outbox.Fake{}, Relay: "127.0.0.1:25",
		Rspamd: &rspamd.Fake{Result: &rspamd.Result{Action: "add header", Score: 7.5, Required: 15, Symbols: map[string]rspamd.Symbol{"BAYES_SPAM": {Score: 5.1}}}},
		Spamd:  &spamd.Fake{Result: &spamd.Result{Spam: true, Score: 6.2, Threshold: 5, Symbols: []string{"HTML_MESSAGE", "URI_HEX"}}},
		Store:  played.Store, Cache: played.Cache,
	}
}
