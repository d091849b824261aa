package daemon

import (
	"errors"

	"luamilter/config"
	"luamilter/luaapi"
	"luamilter/luaapi/dns"
	"luamilter/luaapi/geo"
	"luamilter/luaapi/maps"
)

// Asked are the services of a configuration that scripts ask, for tools beside the daemon: without what keeps something and what sends later.
type Asked struct {
	Services *luaapi.Services

	dns       *dns.Resolver
	upstreams *upstreams
	maps      *maps.Pool
}

// OpenAsked makes them. It connects to no server yet.
func OpenAsked(c *config.Config) (*Asked, error) {
	resolver, err := newResolver(c, nil)
	if err != nil {
		return nil, err
	}
	a := &Asked{Services: &luaapi.Services{DNS: resolver}, dns: resolver, maps: &maps.Pool{Servers: true}}
	a.Services.Maps = a.maps
	if a.upstreams, _, err = newUpstreams(c, a.Services, nil); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if a.Services.Geo, err = OpenGeo(c); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// OpenGeo reads the files that tell where addresses are; nil if there are none.
func OpenGeo(c *config.Config) (geo.Source, error) {
	if len(c.GeoFiles()) == 0 {
		return nil, nil
	}
	files, err := geo.Open(c.GeoFiles())
	if err != nil {
		return nil, err
	}
	return files, nil
}

// Close ends their connections.
func (a *Asked) Close() error {
	a.dns.Close()
	if a.upstreams != nil {
		a.upstreams.web.Close()
	}
	return a.maps.Close()
}
