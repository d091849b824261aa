Lookups in DNS.

--- a
dns.a("example.com")                                  --> {192.0.2.1}
#dns.a("none.example.com")                            --> 0

--- aaaa
dns.aaaa("example.com")                               --> {2001:db8::1}

--- ip
dns.ip("example.com")                                 --> {192.0.2.1, 2001:db8::1}

--- mx
for _, server in ipairs(dns.mx("example.com") or {}) do
  print(server.preference, server.host)               --> 10, mx.example.com
end

--- txt
for _, text in ipairs(dns.txt("example.com") or {}) do
  if text:find("^v=spf1 ") then
    print(text)                                       --> v=spf1 -all
  end
end

--- ns
dns.ns("example.com")                                 --> {ns.example.com}

--- cname
dns.cname("www.example.com")                          --> {example.com}

--- srv
local server = dns.srv("_submission._tcp.example.com")[1]
server.host                                           --> mx.example.com
server.port                                           --> 587

--- ptr
dns.ptr("192.0.2.1")                                  --> {example.com}

--- reverse
local name = dns.reverse("192.0.2.1")                 --> example.com
local none, why = dns.reverse("192.0.2.9")            --> nil, 192.0.2.9 has no name

--- bl
local hit, why = dns.bl {
  zones = { "dnsbl.example.org" },
  codes = { ["127.0.0.2"] = "sends spam" },
  ip = conn.ip,
}
if hit then
  return reject("5.7.1", conn.ip .. " " .. hit.meaning)   --> 550 5.7.1 192.0.2.1 sends spam
elseif why then
  log.warn("the list does not answer", { why = why })
end
