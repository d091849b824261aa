Counts.

--- new
local counter = require "counter"
local refused = counter.new{ window = "1h", per = "client" }

function rcpt(conn, recipient)
  if recipient:find("@old.example.org", 1, true) then
    refused:add(conn.ip)
    return reject("5.1.1", "no such user")
  end
end
