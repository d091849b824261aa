package daemon

import (
	"luamilter/luaapi"
	"luamilter/luaapi/dns"
)

// makeServices makes what scripts reach besides messages. It connects to nothing yet.
func (d *Daemon) makeServices() error {
	c, _ := d.inUse()
	servers := c.NameServers()
	if len(servers) == 0 {
		var err error
		if servers, err = dns.SystemServers(dns.SystemFile); err != nil {
			return err
		}
	}
	d.dns = dns.NewResolver(dns.Options{
		Servers: servers, Timeout: c.DNS.Timeout, Tries: int(c.DNS.Tries), Cache: int64(c.DNS.Cache), Stale: c.DNS.Stale,
		Concurrency: int(c.DNS.Concurrency), RandomCase: c.DNS.RandomCase,
	})
	d.services = &luaapi.Services{DNS: d.dns}
	if err := d.openUpstreams(c); err != nil {
		return err
	}
	return d.openGeo(c)
}

// closeServices ends them, once no session is left.
func (d *Daemon) closeServices() {
	d.dns.Close()
	d.upstreams.web.Close()
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
