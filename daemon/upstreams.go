package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/luaapi"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/outage"
	"luamilter/luaapi/outbox"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// socketTime is how long socket.request may take.
const socketTime = 5 * time.Second

// upstreams are whom scripts ask.
type upstreams struct {
	web    *web.Client
	box    *outbox.Outbox                    // nil if it is not configured
	counts map[string]func() upstream.Counts // by name
}

// openUpstreams makes what is configured of the services of scripts. Nothing is connected to.
func (d *Daemon) openUpstreams(c *config.Config) error {
	u, callouts, err := newUpstreams(c, d.services, d.tellOutage)
	if err != nil {
		return err
	}
	d.upstreams = u
	return d.openOutbox(c, callouts)
}

// newUpstreams makes those that are asked, and puts them into services; and what mail goes to the relay by. Who is told of outages may be nil.
func newUpstreams(c *config.Config, s *luaapi.Services, tell func(outage.Note)) (*upstreams, *smtp.Client, error) {
	u := &upstreams{counts: map[string]func() upstream.Counts{}}
	sockets := upstream.NewServers("server", socketTime)
	sockets.Watch(tell)
	s.Socket, u.counts["socket"] = sockets, sockets.Counts
	client, err := web.New(web.Options{Allow: c.HTTP.Allow(), Proxy: c.HTTP.Proxy, Timeout: c.HTTP.Timeout, MaxBody: int64(c.HTTP.MaxBody)})
	if err != nil {
		return nil, nil, fmt.Errorf("http: %w", err)
	}
	client.Watch(tell)
	u.web, s.HTTP, u.counts["http"] = client, client, client.Counts
	if err := u.openScanners(c, s, tell); err != nil {
		return nil, nil, err
	}
	hello := c.SMTP.Hello
	if hello == "" {
		if hello, err = os.Hostname(); err != nil {
			hello = "localhost"
		}
	}
	callouts := smtp.New(smtp.Options{Hello: hello, Timeout: c.SMTP.Timeout, Local: c.SMTP.LocalDomains()})
	callouts.Watch(tell)
	s.SMTP, u.counts["smtp"], s.Relay = callouts, callouts.Counts, c.SMTP.Relay
	return u, callouts, nil
}

func (u *upstreams) openScanners(c *config.Config, s *luaapi.Services, tell func(outage.Note)) error {
	if c.ClamAV.Address != "" {
		scanner, err := clamav.New(c.ClamAV.Address, c.ClamAV.Timeout)
		if err != nil {
			return fmt.Errorf("clamav.address: %w", err)
		}
		scanner.Watch(tell)
		s.ClamAV, u.counts["clamav"] = scanner, scanner.Counts
	}
	if c.Rspamd.URL != "" {
		client, err := rspamd.New(c.Rspamd.URL, c.Rspamd.Timeout)
		if err != nil {
			return fmt.Errorf("rspamd.url: %w", err)
		}
		client.Watch(tell)
		s.Rspamd, u.counts["rspamd"] = client, client.Counts
	}
	if c.Spamd.Address != "" {
		client, err := spamd.New(c.Spamd.Address, c.Spamd.Timeout)
		if err != nil {
			return fmt.Errorf("spamd.address: %w", err)
		}
		client.Watch(tell)
		s.Spamd, u.counts["spamd"] = client, client.Counts
	}
	return nil
}

func (d *Daemon) openOutbox(c *config.Config, mails *smtp.Client) error {
	if c.Outbox.Dir == "" {
		return nil
	}
	box, err := outbox.Open(outbox.Options{
		Dir: c.Outbox.Dir, Size: c.Outbox.Size, Keep: c.Outbox.Keep,
		Kinds: map[string]outbox.Deliver{
			luaapi.OutboxHTTP: func(ctx context.Context, payload []byte) error { return post(ctx, d.upstreams.web, payload) },
			luaapi.OutboxMail: func(ctx context.Context, payload []byte) error { return relay(ctx, mails, c.SMTP.Relay, payload) },
		},
		Outage: d.tellOutbox,
		Dropped: func(i outbox.Item, why error) {
			d.log.Error().Err(why).Str("id", i.ID).Str("kind", i.Kind).Time("since", i.Created).Msg("the outbox drops what a script sent")
		},
	})
	if err != nil {
		return fmt.Errorf("outbox.dir: %w", err)
	}
	d.upstreams.box, d.services.Outbox = box, box
	return nil
}

// tellOutbox says once that nothing can be delivered, and once that it can again.
func (d *Daemon) tellOutbox(n outage.Note) {
	if n.Err != nil {
		d.log.Error().Err(n.Err).Msg(n.What + " delivers nothing at present; what scripts sent waits there, and is tried again for as long as outbox.keep says")
		return
	}
	d.log.Info().Uint64("failures", n.Failures).Msg(n.What + " delivers again")
}

// post delivers a request of http.later.
func post(ctx context.Context, client *web.Client, payload []byte) error {
	var r web.Request
	if err := json.Unmarshal(payload, &r); err != nil {
		return fmt.Errorf("%w: %w", outbox.ErrFinal, err)
	}
	answer, err := client.Do(ctx, &r)
	var refusal upstream.Refusal
	switch {
	case errors.As(err, &refusal):
		return fmt.Errorf("%w: %w", outbox.ErrFinal, err)
	case errors.Is(err, upstream.ErrPaused):
		return fmt.Errorf("%w: %w", outbox.ErrNotTried, err)
	case err != nil:
		return err
	case answer.Status >= 500, answer.Status == 408, answer.Status == 429:
		return fmt.Errorf("the server answers %d", answer.Status)
	case answer.Status >= 400:
		return fmt.Errorf("%w: the server answers %d", outbox.ErrFinal, answer.Status)
	}
	return nil
}

// relay delivers a mail of smtp.send.
func relay(ctx context.Context, client *smtp.Client, to string, payload []byte) error {
	var m smtp.Mail
	if err := json.Unmarshal(payload, &m); err != nil {
		return fmt.Errorf("%w: %w", outbox.ErrFinal, err)
	}
	if to == "" {
		return errors.New("smtp.relay is not configured")
	}
	err := client.Deliver(ctx, to, &m)
	switch {
	case errors.Is(err, smtp.ErrRefused):
		return fmt.Errorf("%w: %w", outbox.ErrFinal, err)
	case errors.Is(err, upstream.ErrPaused):
		return fmt.Errorf("%w: %w", outbox.ErrNotTried, err)
	}
	return err
}

// run delivers what is in the outbox, until ctx ends.
func (u *upstreams) run(ctx context.Context, log zerolog.Logger) {
	if u.box == nil {
		return
	}
	if err := u.box.Run(ctx); err != nil {
		log.Error().Err(err).Msg("nothing is delivered from the outbox")
	}
}

// sameUpstreams reports whether two configurations want the same upstreams.
func sameUpstreams(a, b *config.Config) bool { return fmt.Sprint(wanted(a)) == fmt.Sprint(wanted(b)) }

func wanted(c *config.Config) []any {
	return []any{c.HTTP.Allow(), c.HTTP.Proxy, c.HTTP.Timeout, c.HTTP.MaxBody, c.ClamAV, c.Rspamd, c.Spamd, c.SMTP.Relay, c.SMTP.Hello, c.SMTP.Timeout, c.SMTP.LocalDomains(), c.Outbox}
}
