-- shared_handler.lua: one function serves two hooks.
local log = require "log"

local function note(conn, what)
  log.info(conn.stage, what)
end

mail, rcpt = note, note

function close(conn)
  log.debug("bye", conn.connection.total or 0)
end

function data(conn)
  local c = conn.connection
  c.total = (c.total or 0) + 1
end
