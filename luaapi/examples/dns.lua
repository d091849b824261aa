Lookups. The examples know example.com with 192.0.2.1, and the list dnsbl.example.org that has 192.0.2.1.

--- a
local addresses = dns.a("example.com")
log.info(addresses[1])                                --> 192.0.2.1

--- aaaa
log.info(dns.aaaa("example.com")[1])                  --> 2001:db8::1

--- ip
log.info(table.concat(dns.ip("example.com"), " "))    --> 192.0.2.1 2001:db8::1

--- mx
for _, server in ipairs(dns.mx("example.com") or {}) do
  log.info(server.preference .. " " .. server.host)   --> 10 mx.example.com
end

--- txt
for _, text in ipairs(dns.txt("example.com") or {}) do
  if text:find("^v=spf1 ") then
    log.info(text)                                    --> v=spf1 -all
  end
end

--- ns
log.info(dns.ns("example.com")[1])                    --> ns.example.com

--- cname
log.info(dns.cname("www.example.com")[1])             --> example.com

--- srv
local server = dns.srv("_submission._tcp.example.com")[1]
log.info(server.host .. ":" .. server.port)           --> mx.example.com:587

--- ptr
log.info(dns.ptr("192.0.2.1")[1])                     --> example.com

--- reverse
local name, why = dns.reverse("192.0.2.9")
log.info(name or why)                                 --> 192.0.2.9 has no name

--- bl
local hit, why = dns.bl {
  zones = { "dnsbl.example.org" },
  codes = { ["127.0.0.2"] = "sends spam" },
  ip = "192.0.2.1",
}
if hit then
  log.info(hit.zone .. ": " .. hit.meaning)           --> dnsbl.example.org: sends spam
elseif why then
  log.warn("the list does not answer", { why = why })
end
