-- w4.lua: have a hook for everything, and answer all of it.
local function note(conn)
  conn.events = (conn.events or 0) + 1
  return continue
end

function connect()
  return continue
end

function helo()
  return continue
end

mail, rcpt, data, header, eoh, body = note, note, note, note, note, note

function eom(conn, msg)
  msg:add_header("X-Events", conn.events + 1)
  return continue
end
