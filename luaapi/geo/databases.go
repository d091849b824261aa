package geo

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Databases are files with places. Their content changes as the files do.
type Databases struct {
	files []*database
}

// database is a file.
type database struct {
	path   string
	stamp  stamp
	reader atomic.Pointer[maxminddb.Reader]
}

// stamp tells whether a file has changed.
type stamp struct {
	modified time.Time
	size     int64
}

// record is what the files have about an address; each has some of it.
type record struct {
	Continent struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"continent"`
	Country struct {
		Code  string `maxminddb:"iso_code"`
		EU    bool   `maxminddb:"is_in_european_union"`
		Names names  `maxminddb:"names"`
	} `maxminddb:"country"`
	City struct {
		Names names `maxminddb:"names"`
	} `maxminddb:"city"`
	ASN          uint   `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization"`
}

type names struct {
	English string `maxminddb:"en"`
}

// Open reads files. Of what several of them know about an address, that of the first one counts.
func Open(paths []string) (*Databases, error) {
	d := &Databases{}
	for _, path := range paths {
		f := &database{path: path}
		if _, err := f.read(); err != nil {
			return nil, err
		}
		d.files = append(d.files, f)
	}
	return d, nil
}

// read reads the file if it has changed, and reports whether it did. After an error what was read before stays.
func (f *database) read() (changed bool, err error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return false, fmt.Errorf("geo file: %w", err)
	}
	now := stamp{info.ModTime(), info.Size()}
	if now == f.stamp {
		return false, nil
	}
	content, err := os.ReadFile(f.path)
	if err != nil {
		return false, fmt.Errorf("geo file: %w", err)
	}
	reader, err := maxminddb.OpenBytes(content)
	if err != nil {
		return false, fmt.Errorf("geo file %s is no MaxMind DB: %w; it must be unpacked and end in .mmdb", f.path, err)
	}
	f.reader.Store(reader)
	f.stamp = now
	return true, nil
}

// Reload reads the files that have changed, and returns their paths. A file that cannot be read keeps what it had; the errors of all are
// joined. It is for one goroutine at a time.
func (d *Databases) Reload() (changed []string, err error) {
	var errs []error
	for _, f := range d.files {
		is, err := f.read()
		if err != nil {
			errs = append(errs, err)
		}
		if is {
			changed = append(changed, f.path)
		}
	}
	return changed, errors.Join(errs...)
}

// Watch looks at the files this often until ctx ends, and says what came of it where there was something: the files that were read, or an error that
// was not the last one.
func (d *Databases) Watch(ctx context.Context, every time.Duration, say func(changed []string, err error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		changed, err := d.Reload()
		text := ""
		if err != nil {
			text = err.Error()
		}
		if len(changed) > 0 || text != "" && text != last {
			say(changed, err)
		}
		last = text
	}
}

// Look implements Source.
func (d *Databases) Look(ip netip.Addr) (Place, error) {
	var place Place
	found := false
	for _, f := range d.files {
		result := f.reader.Load().Lookup(ip.Unmap())
		if err := result.Err(); err != nil {
			return Place{}, fmt.Errorf("look up %s in %s: %w", ip, f.path, err)
		}
		if !result.Found() {
			continue
		}
		var r record
		if err := result.Decode(&r); err != nil {
			return Place{}, fmt.Errorf("look up %s in %s: %w", ip, f.path, err)
		}
		place.add(&r, result.Prefix())
		found = true
	}
	if !found {
		return Place{}, ErrUnknown
	}
	return place, nil
}

// add takes from a record what is not known yet.
func (p *Place) add(r *record, network netip.Prefix) {
	if p.Country == "" {
		p.Country, p.CountryName, p.EU, p.Continent = r.Country.Code, r.Country.Names.English, r.Country.EU, r.Continent.Code
	}
	if p.City == "" {
		p.City = r.City.Names.English
	}
	if p.ASN == 0 {
		p.ASN, p.Organization = r.ASN, r.Organization
	}
	if !p.Network.IsValid() || network.Bits() > p.Network.Bits() {
		p.Network = network
	}
}
