Greylists.

--- new
local greylist = require "greylist"
local g = greylist.new{ delay = "10m", allow = { "198.51.100.0/24", "example.org" } }

function rcpt(conn, recipient)
  return g:verdict(conn, conn.sender, recipient)
end
