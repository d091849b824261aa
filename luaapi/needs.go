package luaapi

import (
	"slices"
	"strings"

	"luamilter/luaapi/lint"
)

// Need is a key of the configuration without which a module, or one function of it, has nobody to ask. There is none for what has a useful
// default: whoever adds a service that has to be configured adds it to Needs, and scripts that use it are refused where it is missing.
type Need struct {
	Name    string               // "clamav"; of a function alone "http.later"
	Key     string               // "clamav.address"
	Example string               // a value, as it is written in the file
	met     func(*Services) bool // whether these services have it
}

// Needs returns all there are.
func Needs() []Need {
	outbox := func(s *Services) bool { return s.Outbox != nil }
	const folder = `"/var/lib/luamilter/outbox"`
	return []Need{
		{"clamav", "clamav.address", `"unix:/run/clamav/clamd.ctl"`, func(s *Services) bool { return s.ClamAV != nil }},
		{"rspamd", "rspamd.url", `"http://127.0.0.1:11333"`, func(s *Services) bool { return s.Rspamd != nil }},
		{"spamc", "spamd.address", `"127.0.0.1:783"`, func(s *Services) bool { return s.Spamd != nil }},
		{"geo", "geo.files", `["/var/lib/GeoIP/GeoLite2-Country.mmdb"]`, func(s *Services) bool { return s.Geo != nil }},
		{"http.later", "outbox.dir", folder, outbox},
		{"smtp.send", "smtp.relay", `"127.0.0.1:25"`, func(s *Services) bool { return s.Relay != "" }},
		{"smtp.send", "outbox.dir", folder, outbox},
	}
}

// MetBy reports whether services have what is needed.
func (n *Need) MetBy(s *Services) bool { return n.met(s) }

// Line returns what to write into the configuration, and where.
func (n *Need) Line() string {
	table, key, _ := strings.Cut(n.Key, ".")
	return key + " = " + n.Example + " below [" + table + "]"
}

// Unmet returns, for check, the modules and functions with needs that are not met; for each such need, how says what to do. The keys of one
// that has several stand together.
func Unmet(how func(n *Need) (hint string, met bool)) map[string]lint.Unmet {
	keys, hints := map[string][]string{}, map[string][]string{}
	for _, n := range Needs() {
		hint, met := how(&n)
		if met {
			continue
		}
		keys[n.Name] = append(keys[n.Name], n.Key)
		if !slices.Contains(hints[n.Name], hint) {
			hints[n.Name] = append(hints[n.Name], hint)
		}
	}
	all := map[string]lint.Unmet{}
	for name := range keys {
		all[name] = lint.Unmet{Needs: strings.Join(keys[name], " and ") + " in the configuration", Hint: strings.Join(hints[name], "; ")}
	}
	return all
}
