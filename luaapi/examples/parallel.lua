Several lookups at the same time. The examples know what those of dns know.

--- call
local found, why = parallel.call {
  mx = { dns.mx, "example.com" },
  listed = { dns.bl, { zones = { "dnsbl.example.org" }, ip = "192.0.2.1" } },
}
log.info(found.mx[1].host)                            --> mx.example.com
log.info(found.listed.zone)                           --> dnsbl.example.org
