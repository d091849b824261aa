-- lazy.lua: what every VM may find out for itself.
local json = require "json"
local hostname
local table_of_hosts

local function host()
  hostname = hostname or json.decode('"mx"')
  return hostname
end

local function hosts()
  if not table_of_hosts then
    table_of_hosts = { [host()] = true }
  end
  return table_of_hosts
end

function connect(conn)
  if conn.host and hosts()[conn.host] then
    return accept
  end
end
