package maps

import (
	"fmt"
	"iter"
	"strings"

	"luamilter/luaapi/maps/format"
)

// domains finds domains and what is below them. A key that begins with a dot stands only for what is below.
type domains struct {
	index *index
	below bool // there are keys that begin with a dot
}

func (d *domains) add(e format.Entry) error {
	key := domainOf(strings.TrimPrefix(e.Key, "*"))
	if strings.Trim(key, ".") == "" || strings.ContainsAny(e.Key, " \t@/") || strings.Contains(key, "..") {
		return fmt.Errorf("%q is no domain", e.Key)
	}
	d.below = d.below || key[0] == '.'
	return d.index.add(key, e.Value)
}

func (d *domains) done() (Loaded, error) {
	d.index.trim()
	return d, nil
}

// Find implements Loaded.
func (d *domains) Find(key string) (value string, found bool, err error) {
	for key := range nearest(key, d.below) {
		if value, found = d.index.find(key); found {
			return value, true, nil
		}
	}
	return "", false, nil
}

// nearest gives the keys under which a domain may be found, the nearest first; with below also those that begin with a dot.
func nearest(name string, below bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		name := domainOf(name)
		if name == "" || name[0] == '.' || !yield(name) {
			return
		}
		for dot := strings.IndexByte(name, '.'); dot >= 0; dot = strings.IndexByte(name, '.') {
			if below && !yield(name[dot:]) {
				return
			}
			name = name[dot+1:]
			if name == "" || !yield(name) {
				return
			}
		}
	}
}

// domainOf returns the domain of an address or a name, in lower case and without the dot at the end.
func domainOf(name string) string {
	if at := strings.LastIndexByte(name, '@'); at >= 0 {
		name = strings.TrimSuffix(name[at+1:], ">")
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// Len implements Loaded.
func (d *domains) Len() int { return d.index.count }

// Bytes implements Loaded.
func (d *domains) Bytes() int64 { return d.index.bytes() }
