package daemon

import (
	"net"
	"path/filepath"

	"luamilter/record"
)

// openRecords makes ready for recordings, if the configuration wants any.
func (d *Daemon) openRecords() (err error) {
	c, _ := d.inUse()
	if c.Record.Dir == "" {
		return nil
	}
	d.records, err = record.Open(record.Options{
		Path: c.Record.Dir, Bodies: record.Bodies(c.Record.Bodies), Size: int64(c.Record.Size), Sample: float64(c.Record.Sample) / 100,
		Version: d.Version,
		Warn: func(conn string, err error) {
			d.log.Warn().Str("conn", conn).Err(err).Msg("the rest of this connection is not recorded")
		},
	})
	if err != nil {
		return err
	}
	d.log.Info().Str("dir", c.Record.Dir).Stringer("sample", c.Record.Sample).Str("bodies", c.Record.Bodies).Msg("connections are recorded")
	return nil
}

// tap has a connection recorded, if it is one of the sample.
func (d *Daemon) tap(nc net.Conn, listener, id string) net.Conn {
	var names []string
	for _, script := range d.listener(listener).Scripts {
		names = append(names, filepath.Base(script))
	}
	return d.records.Tap(nc, listener, id, names)
}

// recorded returns how many recordings have ended.
func (d *Daemon) recorded() record.Counts {
	if d.records == nil {
		return record.Counts{}
	}
	return d.records.Counts()
}

// closeRecords waits until the last recordings are written.
func (d *Daemon) closeRecords() {
	if d.records == nil {
		return
	}
	if err := d.records.Close(); err != nil {
		d.log.Warn().Err(err).Msg("record")
	}
}
