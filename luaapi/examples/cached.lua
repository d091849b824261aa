Caches.

--- get
local domains = require("cache").new{ ttl = "10m" }
local address = require "address"

function eom(conn, msg)
  local facts = domains:get("mail.example.co.uk", function()
    return { organization = address.organizational_domain("mail.example.co.uk") }
  end)
  print(facts.organization)               --> example.co.uk
  print(domains:get("unknown.example"))   --> nil
end

--- delete
local seen = require("cache").new{ ttl = 60, name = "seen" }

function eom(conn, msg)
  seen:get(conn.ip, function() return true end)
  seen:delete(conn.ip)                    --> true
  seen:delete(conn.ip)                    --> false
end
