package luaapi

import (
	"net/netip"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/geo"
)

const (
	noGeo   = "No files are configured: `files` in `[geo]`. `ip` is neither a string nor nil."
	geoSpec = "MaxMind DB file format 2.0"
)

var geoModule = Module{
	"geo", Require,
	"Where an IP address is, and whose network it is in, from files in MaxMind's DB format: GeoLite2, DB-IP Lite and others. The configuration names them: `files` in `[geo]`. luamilter has no such file itself, since their licences want that you get them from their makers; when a file changes, its new content is used within half a minute.\n\n" +
		"What is not known is nil and why, and never an error: nor is an address that is nil, as `conn.ip` is for a client that is on the same machine. Such files know countries well and cities badly; do not refuse mail for a place alone.",
	nil,
	[]Func{
		{"lookup", "ip: string?", "place?, string?", "", "What is known about the address `ip`: a [place](#place). Nil, and why, if nothing is.",
			noGeo, geoSpec, (*Env).bindGeoLookup},
		{"country", "ip: string?", "string?, string?", "", "The country of the address `ip`: two capital letters. Nil, and why, if it is not known.", noGeo, "ISO 3166-1", (*Env).bindGeoCountry},
		{"asn", "ip: string?", "integer?, string?", "", "The number of the autonomous system that the address `ip` belongs to, and the organization that runs it. Nil, and why, if it is not known.", noGeo, "RFC 1930", (*Env).bindGeoASN},
	},
}

// geoSteps is what a lookup counts as in instructions.
const geoSteps = 100

// bindGeo makes a function of one address.
func (e *Env) bindGeo(function string, push func(L *lua.LState, p *geo.Place) int) lua.LGFunction {
	return func(L *lua.LState) int {
		s, given := e.foreign(L, function, 1, "the ip")
		source := e.current(L, function).Host.Services().Geo
		if source == nil {
			L.RaiseError("%s: no file with places is configured; name one, such as GeoLite2-Country.mmdb, in files of [geo]", function)
		}
		if !given {
			return pushWhy(L, "there is no address: the ip is nil")
		}
		ip, err := netip.ParseAddr(s)
		if err != nil {
			return pushWhy(L, shortKey(lua.LString(s))+" is no IP address")
		}
		e.spend(L, geoSteps)
		place, err := source.Look(ip)
		if err != nil {
			return pushWhy(L, err.Error())
		}
		return push(L, &place)
	}
}

func (e *Env) bindGeoLookup() lua.LGFunction {
	return e.bindGeo("geo.lookup", func(L *lua.LState, p *geo.Place) int {
		e.Budget.Count(tableSize)
		t := L.CreateTable(0, 8)
		setIfAny(t, "country", p.Country)
		setIfAny(t, "country_name", p.CountryName)
		setIfAny(t, "continent", p.Continent)
		setIfAny(t, "city", p.City)
		setIfAny(t, "organization", p.Organization)
		t.RawSetString("eu", lua.LBool(p.EU))
		if p.ASN != 0 {
			t.RawSetString("asn", lua.LNumber(p.ASN))
		}
		t.RawSetString("network", lua.LString(p.Network.String()))
		L.Push(t)
		return 1
	})
}

func (e *Env) bindGeoCountry() lua.LGFunction {
	return e.bindGeo("geo.country", func(L *lua.LState, p *geo.Place) int {
		if p.Country == "" {
			return pushWhy(L, "the files do not say the country")
		}
		L.Push(lua.LString(p.Country))
		return 1
	})
}

func (e *Env) bindGeoASN() lua.LGFunction {
	return e.bindGeo("geo.asn", func(L *lua.LState, p *geo.Place) int {
		if p.ASN == 0 {
			return pushWhy(L, "the files do not say the autonomous system")
		}
		L.Push(lua.LNumber(p.ASN))
		L.Push(lua.LString(p.Organization))
		return 2
	})
}
