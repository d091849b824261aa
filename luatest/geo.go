package luatest

import (
	"net/netip"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/geo"
	"luamilter/luaapi/lint"
)

// fakeGeo has the scripts' geo know networks that the test makes up.
func (f *file) fakeGeo(L *lua.LState) int {
	f.inTest(L, "fake_geo")
	networks, ok := L.Get(1).(*lua.LTable)
	if !ok {
		L.RaiseError("fake_geo: networks is %s; a table such as {[\"192.0.2.0/24\"] = {country = \"DE\"}} was expected", kind(L.Get(1)))
	}
	table := geo.Table{}
	for k, v := networks.Next(lua.LNil); k != lua.LNil; k, v = networks.Next(k) {
		network, err := networkOf(k.String())
		if err != nil {
			L.RaiseError("fake_geo: %q is neither an address nor a network", k.String())
		}
		table[network] = placeOf(L, k.String(), v)
	}
	f.world.Geo = table
	return 0
}

// networkOf reads a network, or an address alone.
func networkOf(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		return network.Masked(), err
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return ip.Prefix(ip.BitLen())
}

// placeOf reads what is known about a network.
func placeOf(L *lua.LState, network string, v lua.LValue) geo.Place {
	t, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("fake_geo: %s has %s; a table such as {country = \"DE\"} was expected", network, kind(v))
	}
	var p geo.Place
	texts := map[string]*string{"country": &p.Country, "country_name": &p.CountryName, "continent": &p.Continent, "city": &p.City, "organization": &p.Organization}
	known := []string{"asn", "city", "continent", "country", "country_name", "eu", "organization"}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		name := k.String()
		n, isNumber := v.(lua.LNumber)
		s, isText := v.(lua.LString)
		switch {
		case name == "eu":
			p.EU = lua.LVAsBool(v)
		case name == "asn" && isNumber && n >= 0:
			p.ASN = uint(n)
		case texts[name] != nil && isText:
			*texts[name] = string(s)
		case name == "asn" || texts[name] != nil:
			L.RaiseError("fake_geo: %s of %s is %s", name, network, kind(v))
		default:
			near := lint.Nearest(name, known)
			if near == "" {
				L.RaiseError("fake_geo: %s has %s; known are %s", network, name, strings.Join(known, ", "))
			}
			L.RaiseError("fake_geo: %s has %s; did you mean %s?", network, name, near)
		}
	}
	return p
}
