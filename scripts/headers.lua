-- headers.lua: mark messages from outside, and take away headers that only we may set.
--
-- Mail from our own networks or from a client that logged in passes untouched. On all other mail, headers that would make it
-- look checked by us are removed, the subject gets a mark once, and a note on top says where the message came from.

local TRUSTED = { ["127.0.0.1"] = true, ["::1"] = true }
local MARK = "[external]"
local OURS = { "X-Origin", "X-Spam-Flag", "X-Spam-Status" }

local function trusted(conn)
  return conn.auth or TRUSTED[conn.ip]
end

function eom(conn, msg)
  if trusted(conn) then
    return
  end
  for _, name in ipairs(OURS) do
    if msg:delete_header(name) then
      log.info("removed a forged header", { name = name })
    end
  end
  msg:prefix_subject(MARK)
  msg:prepend_header("X-Origin", "external; client=" .. (conn.ip or "unknown"))
end
