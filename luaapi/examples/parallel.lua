Several lookups at the same time.

--- call
local dns = require "dns"
local found, why = parallel.call {
  mx = { dns.mx, "example.com" },
  listed = { dns.bl, { zones = { "dnsbl.example.org" }, ip = conn.ip } },
  name = { dns.reverse, "192.0.2.9" },
}
found.mx[1].host                                      --> mx.example.com
found.listed.zone                                     --> dnsbl.example.org
why.name                                              --> 192.0.2.9 has no name
