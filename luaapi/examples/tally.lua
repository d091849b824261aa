A count.

--- add
local counter = require "counter"
local bytes = counter.new{ window = "1d", slots = 24, per = "sender" }

function eom(conn, msg)
  if bytes:add(conn.sender, #msg.body) > 1e9 then
    return tempfail("4.7.1", "too much mail in a day")
  end
end

--- sum
local counter = require "counter"
local odd = counter.new{ window = "1h", per = "client" }

function unknown(conn, command)
  odd:add(conn.ip)
end

function eom(conn, msg)
  print(odd:sum(conn.ip))                 --> 1
end

--- distinct
local counter = require "counter"
local senders = counter.new{ window = "1h", max = 100, per = "user" }

function eom(conn, msg)
  print(senders:distinct(conn.auth.user, conn.sender))        --> 1
  print(senders:distinct(conn.auth.user, "other@example.com")) --> 2
  print(senders:distinct(conn.auth.user))                     --> 2
end
