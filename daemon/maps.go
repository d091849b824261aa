package daemon

import (
	"context"
	"os"
	"path/filepath"

	"luamilter/config"
	"luamilter/luaapi/maps"
)

// openMaps makes the pool of the lists that scripts open.
func (d *Daemon) openMaps(c *config.Config) {
	d.maps = &maps.Pool{Servers: true, Folder: copiesFolder(c), Tell: d.tellMap, Outage: d.tellOutage}
	d.services.Maps = d.maps
}

// copiesFolder is where copies of lists from web servers go, "" for nowhere.
func copiesFolder(c *config.Config) string {
	if c.Maps.Copies != "" {
		return c.Maps.Copies
	}
	if folders := filepath.SplitList(os.Getenv("STATE_DIRECTORY")); len(folders) > 0 { // systemd.exec(5)
		return folders[0]
	}
	return ""
}

// tellMap logs what happened to a list. What is wrong with a list is for the operator, since scripts decide by an old one or none.
func (d *Daemon) tellMap(n maps.Note) {
	switch {
	case n.Err == nil:
		d.log.Info().Str("map", n.Map).Int("entries", n.Entries).Int64("bytes", n.Bytes).Stringer("took", n.Took).Msg("a list was read")
	case n.Kept:
		d.log.Error().Str("map", n.Map).Msg("a list is not read anew, what was read before is used: " + n.Err.Error())
	default:
		d.log.Error().Str("map", n.Map).Msg("a list is not there: " + n.Err.Error())
	}
}

// runMaps keeps the lists fresh until ctx ends, and then ends the connections to their servers.
func (d *Daemon) runMaps(ctx context.Context) {
	c, _ := d.inUse()
	d.background.Go(func() {
		err := d.maps.Run(ctx, maps.Watch{Notify: c.Reload.Watch, Poll: c.Reload.Poll})
		if err != nil {
			d.log.Warn().Err(err).Msg("the system does not tell when lists change; the daemon looks itself, as often as reload.poll says")
			_ = d.maps.Run(ctx, maps.Watch{Poll: c.Reload.Poll}) // only telling can fail
		}
	})
}

// closeMaps ends the connections to servers.
func (d *Daemon) closeMaps() {
	if err := d.maps.Close(); err != nil {
		d.log.Warn().Err(err).Msg("end the connections of lists to their servers")
	}
}

// maps writes what there is to tell of lists.
func (p page) maps(all []maps.Status) {
	for _, s := range all {
		broken := 0.0
		if s.Broken != nil {
			broken = 1
		}
		p.number(metricMapEntries, float64(s.Entries), s.Map, s.Kind)
		p.number(metricMapBytes, float64(s.Bytes), s.Map, s.Kind)
		p.number(metricMapLoads, float64(s.Loads), s.Map, s.Kind, "ok")
		p.number(metricMapLoads, float64(s.Failed), s.Map, s.Kind, "failed")
		p.number(metricMapBroken, broken, s.Map, s.Kind)
		for result, n := range s.Lookups {
			p.number(metricMapLookups, float64(n), s.Map, s.Kind, result)
		}
	}
}
