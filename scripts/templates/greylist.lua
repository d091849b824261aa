-- greylist.lua: ask clients that nobody knows to come again in some minutes, which mail servers do and much spam does not.

local greylist = require "greylist"

local cfg = settings {
  delay = "5m",
  allow = { "198.51.100.0/24" },          -- networks, addresses, and names of clients that never wait
}

local g = greylist.new{ delay = cfg.delay, allow = cfg.allow }

function rcpt(conn, recipient)
  return g:verdict(conn, conn.sender, recipient)
end
