Places.

--- lookup
local place = geo.lookup(conn.ip)
if place then print(place.country, place.asn, place.network) end --> DE, 64496, 192.0.2.0/24

--- country
geo.country("192.0.2.1")                  --> DE
geo.country("203.0.113.1")                --> nil, the address is not in the geo files

--- asn
geo.asn("192.0.2.1")                      --> 64496, Example Net
