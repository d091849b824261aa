-- quarantine.lua: hold messages that pretend to come from us, until somebody has looked at them.

local cfg = settings { domain = "example.com" }

function eom(conn, msg)
  if conn.auth then
    return
  end
  for _, from in ipairs(msg.headers:addresses("From")) do
    local named = (from.name or ""):lower():find("@" .. cfg.domain, 1, true)
    if named and from.domain ~= cfg.domain then
      msg:quarantine("the name in From is an address of ours")
      return
    end
  end
end
