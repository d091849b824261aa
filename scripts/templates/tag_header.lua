-- tag_header.lua: mark where mail comes from, in a header field that nobody outside can forge.

local cfg = settings { header = "X-Origin", inside = { "127.0.0.1", "::1" } }

local inside = {}
for _, ip in ipairs(cfg.inside) do
  inside[ip] = true
end

function eom(conn, msg)
  local origin = "external"
  if conn.auth or inside[conn.ip] then
    origin = "internal"
  end
  msg:set_header(cfg.header, origin)
end
