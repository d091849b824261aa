-- filter.lua: marks the mail of strangers.
local clients = require "lib.clients"
local ok, settings = pcall(require, "settings")

function eom(conn, msg)
  if not clients.known(conn) then
    clients.mark(msg)
  end
end
