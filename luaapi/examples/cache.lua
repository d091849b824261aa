What was found out lately.

--- new
local cache = require "cache"
local known = cache.new{ ttl = "5m", max = 10000 }

function mail(conn, sender)
  local score = known:get(conn.ip, function() return #conn.host * 2 end)
  log.info("score", { score = score })
end
