-- every_hook.lua: defines every hook, lets everything pass, and tells at the end of the message what it was given.

local function note(conn, text)
  conn.seen = (conn.seen and conn.seen .. "," or "") .. text
end

function negotiate(neg)
  neg:request_macros("rcpt", { "rcpt_addr", "i" })
end

function connect(conn)
  conn.client = conn.host .. "/" .. conn.ip .. "/" .. conn.family
  conn.daemon_name = conn.macros.daemon_name
  return continue
end

function helo(conn, name)
  conn.cipher = conn.macros["{cipher}"]
  return continue
end

function mail(conn, sender, params)
  local c = conn.connection
  c.messages = (c.messages or 0) + 1
  note(conn, "mail " .. sender .. " " .. table.concat(params, " ") .. " " .. tostring(params.SIZE))
  return continue
end

function rcpt(conn, recipient, params)
  note(conn, "rcpt " .. recipient .. " " .. conn.macros.rcpt_addr .. " " .. tostring(params.NOTIFY))
  return continue
end

function data(conn)
  note(conn, "data")
  return continue
end

function header(conn, name, value)
  note(conn, name .. "=" .. value)
  return continue
end

function eoh(conn, headers)
  note(conn, "eoh " .. #headers)
  return continue
end

function body(conn, chunk)
  note(conn, "body " .. #chunk)
  return continue
end

function unknown(conn, command)
  note(conn, "unknown " .. command)
  return continue
end

function eom(conn, msg)
  msg:add_header("X-Seen", conn.seen)
  msg:add_header("X-Client", conn.client .. " " .. conn.helo .. " " .. conn.daemon_name .. " " .. conn.cipher)
  msg:add_header("X-Messages", conn.messages)
  msg:add_header("X-Aborted", conn.aborted or 0)
  msg:add_header("X-Queue-Id", conn.queue_id)
  return continue
end

function abort(conn)
  local c = conn.connection
  c.aborted = (c.aborted or 0) + 1
end

function close(conn)
  log.info("closed after " .. tostring(conn.messages) .. " messages")
end
