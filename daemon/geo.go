package daemon

import (
	"context"
	"time"

	"luamilter/config"
	"luamilter/luaapi/geo"
)

// geoInterval is how often the files of [geo] are looked at: their makers give out a new one each day at most.
const geoInterval = 30 * time.Second

// openGeo reads the files that tell where addresses are, if there are any.
func (d *Daemon) openGeo(c *config.Config) error {
	paths := c.GeoFiles()
	if len(paths) == 0 {
		return nil
	}
	files, err := geo.Open(paths)
	if err != nil {
		return err
	}
	d.geo, d.services.Geo = files, files
	return nil
}

// watchGeo reads them anew when they change, until ctx ends.
func (d *Daemon) watchGeo(ctx context.Context) {
	if d.geo == nil {
		return
	}
	d.background.Go(func() {
		d.geo.Watch(ctx, geoInterval, func(changed []string, err error) {
			if len(changed) > 0 {
				d.log.Info().Strs("files", changed).Msg("geo files were read anew")
			}
			if err != nil {
				d.log.Error().Err(err).Msg("geo files are not read anew; what was read before is used")
			}
		})
	})
}
