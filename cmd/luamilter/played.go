package main

import (
	"net/netip"

	"luamilter/config"
	"luamilter/daemon"
	"luamilter/engine"
	"luamilter/luaapi/geo"
	"luamilter/replay/asked"
)

// played is what scripts reach where mail is only played to them.
type played struct {
	*asked.Asker
	conf *config.Config
	real *daemon.Asked // nil if nobody is asked
}

// openPlayed makes it. Live, the services of the configuration are asked. Otherwise nobody is, but files are read. Where names the place: "a replay".
func openPlayed(conf *config.Config, where string, live bool) (*played, error) {
	if live {
		real, err := daemon.OpenAsked(conf)
		if err != nil {
			return nil, err
		}
		return &played{asked.Live(where, real.Services), conf, real}, nil
	}
	p := &played{Asker: asked.Silent(where), conf: conf}
	var err error
	if p.Services.Geo, err = daemon.OpenGeo(conf); err != nil {
		p.Services.Geo = noPlaces{err}
	}
	return p, nil
}

// options are the daemon's for the scripts of a listener, with what they reach here: what is played leaves nothing behind.
func (p *played) options(l config.Listener) engine.Options {
	o := daemon.Options(p.conf, l, nil, nil)
	o.Services = p.Services
	return o
}

// configured returns an error if scripts would ask live whom the configuration does not name.
func (p *played) configured(program *engine.Program) error {
	if !p.Live {
		return nil
	}
	services, _ := p.Begin()
	return daemon.Configured(program, daemon.Unmet(p.conf, services))
}

// Close ends the connections to those who were asked.
func (p *played) Close() {
	if p.real != nil {
		_ = p.real.Close() // nothing is left to do
	}
}

// noPlaces stands for files that cannot be read: a replay can do without.
type noPlaces struct{ err error }

// Look implements geo.Source.
func (n noPlaces) Look(netip.Addr) (geo.Place, error) { return geo.Place{}, n.err }
