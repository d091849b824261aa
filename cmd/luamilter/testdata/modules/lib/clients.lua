-- lib/clients.lua: who is a client of ours.
local M = {}
local list = require "lib.list"

function M.known(conn)
  return list[conn.ip] or list[conn.helo]
end

function M.mark(msg)
  msg:add_header("X-Client", strin.format("%s", "unknown"))
end

return M
