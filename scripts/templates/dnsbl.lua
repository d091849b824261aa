-- dnsbl.lua: refuse clients that DNS lists know, except those that you allow.

local dns = require "dns"

local cfg = settings {
  zones = { "dnsbl.example.org" },   -- the lists to ask
  allow = { "127.", "::1" },         -- never refused: addresses, or how they begin, with the dot or colon behind
}

local function is_allowed(ip)
  for _, known in ipairs(cfg.allow) do
    if ip == known or known:find("[.:]$") and ip:sub(1, #known) == known then
      return true
    end
  end
  return false
end

-- What the lists say of the client: a hit or false. They are asked once for each connection.
local function listed(conn)
  local kept = conn.connection
  if kept.dnsbl == nil then
    local hit, why = dns.bl { zones = cfg.zones, ip = conn.ip }
    if why then
      log.info("not all lists answer", { why = why })   -- mail passes
    end
    kept.dnsbl = hit or false
  end
  return kept.dnsbl
end

function rcpt(conn, recipient)
  if conn.auth or not conn.ip or is_allowed(conn.ip) then
    return
  end
  if recipient:lower():find("^postmaster@") then
    return   -- whom those who are refused can ask why
  end
  local hit = listed(conn)
  if hit then
    return reject("5.7.1", conn.ip .. " is listed at " .. hit.zone)
  end
end
