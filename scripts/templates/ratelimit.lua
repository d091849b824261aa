-- ratelimit.lua: let each user send only so many messages in a time, as a stolen password would send many more.

local ratelimit = require "ratelimit"

local cfg = settings { rate = "200/h", burst = 50 }

local messages = ratelimit.new{ rate = cfg.rate, burst = cfg.burst, per = "user" }

function mail(conn, sender)
  if not conn.auth then
    return                                -- not from a user of ours
  end
  local ok, _, retry_after = messages:take(conn.auth.user)
  if not ok then
    log.warn("over the limit", { user = conn.auth.user })
    return tempfail("4.7.1", ("too many messages; try again in %d min"):format(math.ceil(retry_after / 60)))
  end
end
