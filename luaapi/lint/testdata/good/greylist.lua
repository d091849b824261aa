-- greylist.lua: ask unknown clients to come again.
local store = require "store"

local settings = { delay = 300, keep = 36 * 3600 }

local function triplet(conn, recipient)
  return table.concat({ conn.ip or "local", conn.sender, recipient:lower() }, "/")
end

function rcpt(conn, recipient)
  if conn.auth or conn.rejected then
    return
  end
  local key = triplet(conn, recipient)
  local first = store.get(key)
  if not first then
    store.set(key, os.time(), settings.keep)
    return tempfail("4.7.1", "greylisted, please try again in " .. settings.delay .. " seconds")
  end
  if os.time() - first < settings.delay then
    return tempfail("4.7.1", "greylisted, please be patient")
  end
end
