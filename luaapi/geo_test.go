package luaapi

import (
	"net/netip"
	"testing"

	"luamilter/luaapi/geo"
	"luamilter/protocol"
)

const useGeo = `local geo = require "geo" `

func TestGeo(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.fails(useGeo+`geo.country("192.0.2.1")`, "geo.country: no file with places is configured; name one, such as GeoLite2-Country.mmdb, in files of [geo]")
	v.host.services.Geo = geo.Table{
		netip.MustParsePrefix("192.0.2.0/24"):    {Country: "DE", CountryName: "Germany", Continent: "EU", EU: true, City: "Berlin", ASN: 64496, Organization: "Example Net"},
		netip.MustParsePrefix("198.51.100.0/24"): {},
	}
	for script, want := range map[string]string{
		`geo.country("192.0.2.1")`:               "DE",
		`geo.country(conn.ip)`:                   "DE",
		`select(2, geo.asn("192.0.2.1"))`:        "Example Net",
		`geo.asn("192.0.2.1")`:                   "64496",
		`geo.lookup("192.0.2.1").network`:        "192.0.2.0/24",
		`geo.lookup("192.0.2.1").city`:           "Berlin",
		`geo.lookup("192.0.2.1").eu`:             "true",
		`geo.lookup("198.51.100.1").country`:     "nil",
		`geo.lookup("198.51.100.1").asn`:         "nil",
		`select(2, geo.country("198.51.100.1"))`: "the files do not say the country",
		`select(2, geo.asn("198.51.100.1"))`:     "the files do not say the autonomous system",
		`select(2, geo.lookup("203.0.113.1"))`:   "the address is not in the geo files",
		`select(2, geo.lookup("x"))`:             "x is no IP address",
		`select(2, geo.lookup(nil))`:             "there is no address: the ip is nil",
	} {
		v.want(useGeo+`return `+script, want)
	}
	v.fails(useGeo+`geo.lookup({})`, "geo.lookup: the ip is a table; a string was expected")
	v.End()
	v.fails(useGeo+`geo.lookup("192.0.2.1")`, "geo.lookup works only inside a hook, not while the script is loaded")
}
