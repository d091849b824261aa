What lasts.

--- get
local seen = tonumber(store.get("seen " .. conn.sender)) or 0
local greeting, why = store.get("greeting", { on_error = "pass" })
if why then log.warn("no greeting", { why = why }) end

--- set
store.set("last sender", conn.sender)
store.set("login " .. conn.ip, 3, "1h")
store.get("login " .. conn.ip)            --> 3

--- add
store.add("seen " .. conn.sender, "yes", "30d") --> true
store.add("seen " .. conn.sender, "yes", "30d") --> false

--- incr
local messages = store.incr("messages from " .. conn.ip, 1, "1h") or 0
if messages > 1000 then
  return tempfail("too much mail from " .. conn.ip)
end

--- cas
repeat                                    -- until nobody came between
  local old = store.get("largest")
  local largest = math.max(old or 0, #msg.body)
until store.cas("largest", old, largest) ~= false

--- delete
store.set("token", "a1b2", "5m")
store.delete("token")                     --> true
store.delete("token")                     --> false

--- sadd
for _, recipient in ipairs(msg.recipients) do
  store.sadd("recipients of " .. conn.sender, recipient, "1h")
end
store.scard("recipients of " .. conn.sender) --> 2

--- srem
store.sadd("trusted", "sales@example.com")
store.srem("trusted", "sales@example.com") --> true

--- shas
store.sadd("trusted", "sales@example.com")
store.shas("trusted", "sales@example.com") --> true
store.shas("trusted", "spam@example.net") --> false

--- scard
if (store.scard("recipients of " .. conn.sender) or 0) > 500 then
  return tempfail("too many recipients in an hour")
end

--- sdelete
store.sdelete("recipients of " .. conn.sender)
