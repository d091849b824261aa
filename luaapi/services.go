package luaapi

import (
	"context"
	"io"
	"time"

	"luamilter/luaapi/cache"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/dns"
	"luamilter/luaapi/geo"
	"luamilter/luaapi/maps"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/store"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// Services are what scripts reach besides the message. The daemon has one of each for all scripts and VMs; one that is nil is not there, and
// the module that needs it raises an error that says so. Each is safe for use by several goroutines.
type Services struct {
	Geo    geo.Source      // of require "geo"
	Maps   *maps.Pool      // of require "map"; nil: each script has its own, and no server is asked
	Found  func(f Finding) // told of what was looked up in lists of servers; may be nil
	DNS    dns.Source      // name servers; a dns.Fake in tests
	HTTP   HTTP
	ClamAV ClamAV
	Rspamd Rspamd
	Spamd  Spamd
	Socket Socket
	SMTP   SMTP
	Outbox Outbox
	Relay  string        // where what smtp.send sends goes; "" for nowhere
	Store  store.Store   // of require "store"
	Cache  *cache.Shared // of require "cache"
}

// Finding is what came of looking a key up in a list of a server.
type Finding struct {
	List, Key, Value string
	Found            bool
	Err              error // it cannot be told
}

// Sizes of services that end with the process and play little mail.
const (
	playedStore = 64 << 20
	playedKeys  = 100_000
	playedCache = 64 << 20
)

// PlayedServices returns services for mail that is played to scripts, and not delivered: they begin empty, and reach nothing outside the process; so there
// are no name servers. now is the time that they go by.
func PlayedServices(now func() time.Time) *Services {
	memory := store.NewMemory(playedStore, playedKeys)
	memory.Now = now
	return &Services{Store: memory, Cache: &cache.Shared{Size: playedCache, Now: now}}
}

// HTTP makes HTTP requests; web.Client does.
type HTTP interface {
	Do(ctx context.Context, r *web.Request) (*web.Response, error)
}

// ClamAV tells whether something is infected; clamav.Scanner does.
type ClamAV interface {
	Scan(ctx context.Context, r io.Reader) (clamav.Result, error)
}

// Rspamd says what it thinks of a message; rspamd.Client does.
type Rspamd interface {
	Check(ctx context.Context, m *rspamd.Message) (*rspamd.Result, error)
}

// Spamd says what it thinks of a message; spamd.Client does.
type Spamd interface {
	Check(ctx context.Context, m *spamd.Message) (*spamd.Result, error)
}

// Socket asks whatever is at an address; upstream.Servers does.
type Socket interface {
	Exchange(ctx context.Context, address string, x *upstream.Exchange) (string, error)
}

// SMTP asks mail servers about recipients; smtp.Client does.
type SMTP interface {
	Verify(ctx context.Context, q *smtp.Question) (smtp.Verdict, error)
}

// Outbox delivers later; outbox.Outbox does.
type Outbox interface {
	Put(kind string, payload any) (id string, err error)
}

// The kinds of what goes to the outbox.
const (
	OutboxHTTP = "http" // its payload is a web.Request
	OutboxMail = "mail" // its payload is a smtp.Mail
)
