-- trace.lua: log every stage with its arguments, to see what the MTA sends. It changes nothing.
--
-- Load it first when a filter does not do what it should:  luamilter run trace.lua filter.lua

local LONGEST = 200 -- bytes of a value that are shown

local function short(value)
  value = tostring(value)
  if #value > LONGEST then
    return value:sub(1, LONGEST) .. "... (" .. #value .. " bytes)"
  end
  return value
end

local function note(conn, fields)
  log.info("trace " .. conn.stage, fields)
end

-- Macros that are visible at a stage, in a fixed order.
local function macros(conn)
  local list = {}
  for name, value in pairs(conn.macros:all()) do
    list[#list + 1] = name .. "=" .. short(value)
  end
  table.sort(list)
  return list
end

function connect(conn)
  note(conn, { host = conn.host, family = conn.family, ip = conn.ip, port = conn.port, macros = macros(conn) })
end

function helo(conn, name)
  note(conn, { name = name, tls = conn.tls and conn.tls.version, macros = macros(conn) })
end

function mail(conn, sender, params)
  note(conn, { sender = sender, params = params, user = conn.auth and conn.auth.user, macros = macros(conn) })
end

function rcpt(conn, recipient, params)
  note(conn, { recipient = recipient, params = params, macros = macros(conn) })
end

function data(conn)
  note(conn, { macros = macros(conn) })
end

function header(conn, name, value)
  note(conn, { name = name, value = short(value) })
end

function eoh(conn, headers)
  note(conn, { fields = #headers, macros = macros(conn) })
end

function body(conn, chunk)
  conn.bytes = (conn.bytes or 0) + #chunk
  note(conn, { bytes = #chunk, begins = short(chunk) })
end

function eom(conn, msg)
  note(conn, { sender = msg.sender, recipients = msg.recipients, bytes = conn.bytes or 0, macros = macros(conn) })
end

function abort(conn)
  note(conn, { bytes = conn.bytes or 0 })
end

function close(conn)
  note(conn)
end

function unknown(conn, command)
  note(conn, { command = short(command) })
end
