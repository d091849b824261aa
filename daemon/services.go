package daemon

import (
	"path/filepath"
	"time"

	"luamilter/config"
	"luamilter/luaapi"
	"luamilter/luaapi/cache"
	"luamilter/luaapi/dns"
	"luamilter/luaapi/outage"
	"luamilter/luaapi/store"
)

// openServices makes what scripts reach besides messages. It connects to no server yet.
func (d *Daemon) openServices(successor bool) error {
	c, _ := d.inUse()
	if err := d.openStore(c, successor); err != nil {
		return err
	}
	var err error
	if d.dns, err = newResolver(c, d.tellOutage); err != nil {
		return err
	}
	d.services = &luaapi.Services{DNS: d.dns, Store: d.store, Cache: &cache.Shared{Size: int64(c.Cache.Size), Now: time.Now}}
	d.openMaps(c)
	if err := d.openUpstreams(c); err != nil {
		return err
	}
	return d.openGeo(c)
}

// openStore opens the store. A successor shares the file of its predecessor until that has surely ended.
func (d *Daemon) openStore(c *config.Config, successor bool) error {
	at, err := store.ParseURL(c.Store.URL)
	if err != nil {
		return err // which the configuration has said before
	}
	var s store.Store
	if successor && at.Kind == store.KindFile {
		s = store.OpenSharedFile(at.Path, int64(c.Store.Size), time.Now().Add(successorTime+c.Drain+time.Second))
	} else if s, err = store.Open(at, store.Limits{Size: int64(c.Store.Size), Keys: int(c.Store.Keys), Timeout: c.Store.Timeout}); err != nil {
		return err
	}
	d.store = &store.Watched{Store: s, Outage: outage.Outage{What: "the store", Enough: 1, Tell: d.tellStore}}
	return nil
}

func newResolver(c *config.Config, tell func(outage.Note)) (*dns.Resolver, error) {
	servers := c.NameServers()
	if len(servers) == 0 {
		var err error
		if servers, err = dns.SystemServers(dns.SystemFile); err != nil {
			return nil, err
		}
	}
	return dns.NewResolver(dns.Options{
		Servers: servers, Timeout: c.DNS.Timeout, Tries: int(c.DNS.Tries), Cache: int64(c.DNS.Cache), Stale: c.DNS.Stale,
		Concurrency: int(c.DNS.Concurrency), RandomCase: c.DNS.RandomCase, Outage: tell,
	}), nil
}

// tellStore says once that a store begins to fail, and once that it works again: scripts go on without it, unless they say otherwise.
func (d *Daemon) tellStore(n outage.Note) {
	if n.Err != nil {
		d.log.Error().Err(n.Err).Msg(n.What + " does not work; scripts go on without what it keeps")
		return
	}
	d.log.Info().Uint64("failures", n.Failures).Msg(n.What + " works again")
}

// tellOutage says once that a server begins to fail, and once that it works again. What becomes of mail meanwhile is up to the scripts.
func (d *Daemon) tellOutage(n outage.Note) {
	if n.Err != nil {
		d.log.Error().Err(n.Err).Str("server", n.What).Msg(n.What + " does not work; scripts go on without it, or as their on_error says")
		return
	}
	d.log.Info().Str("server", n.What).Uint64("failures", n.Failures).Msg(n.What + " works again")
}

// shareServices leaves to a successor what only one process can have, as long as this one has sessions.
func (d *Daemon) shareServices() {
	f, ok := d.store.Store.(*store.File)
	if !ok {
		return
	}
	if err := f.Share(time.Now().AddDate(1, 0, 0)); err != nil {
		d.log.Warn().Err(err).Msg("the store cannot be shared with the new process")
	}
}

// closeServices closes what openServices opened, once no session is left.
func (d *Daemon) closeServices() error {
	if d.dns != nil {
		d.dns.Close()
	}
	if d.upstreams != nil {
		d.upstreams.web.Close()
	}
	if d.store == nil {
		return nil
	}
	return d.store.Close()
}

// servicePaths returns the folders and files that services use: those to write, and those to read.
func servicePaths(c *config.Config) (write, read []string) {
	at, err := store.ParseURL(c.Store.URL)
	if err != nil {
		return nil, nil
	}
	if at.Kind == store.KindFile {
		write = append(write, filepath.Dir(at.Path))
	}
	if at.CA != "" {
		read = append(read, at.CA)
	}
	return write, read
}

// dns writes what was looked up.
func (p page) dns(n dns.Counts) {
	for result, count := range map[string]uint64{
		"cached": n.Cached, "found": n.Found, "empty": n.Empty, "missing": n.Missing, "failed": n.Failed, "failed_before": n.FailedAgain,
	} {
		p.number(metricLookups, float64(count), result)
	}
	p.number(metricStale, float64(n.Stale))
	p.number(metricDNSCache, float64(n.CacheBytes))
	p.number(metricServers, float64(n.Servers-n.Down), "up")
	p.number(metricServers, float64(n.Down), "down")
	p.classes(metricLookupTimes, dns.Times[:], n.Times[:], n.Time)
}
