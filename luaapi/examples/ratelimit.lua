Limits.

--- new
local ratelimit = require "ratelimit"
local messages = ratelimit.new{ rate = "200/h", burst = 50, per = "user" }

function mail(conn, sender)
  if conn.auth and not messages:take(conn.auth.user) then
    return tempfail("4.7.1", "too many messages, try again later")
  end
end
