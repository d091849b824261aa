A limit.

--- take
local ratelimit = require "ratelimit"
local recipients = ratelimit.new{ rate = "60/h", burst = 2, per = "sender" }

function eom(conn, msg)
  local ok, left = recipients:take(conn.sender, #msg.recipients)
  print(ok, left)                         --> true, 0
  local ok, left, retry_after = recipients:take(conn.sender)
  print(ok, left, math.ceil(retry_after)) --> false, 0, 60
end
