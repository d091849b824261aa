-- other.lua: shares a module with filter.lua.
local clients = require "lib.clients"

function connect(conn)
  return clients.known(conn) and accept or continue
end

local function get(name) return require("lib." .. name) end
