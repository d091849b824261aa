-- functions.lua: answers everything, and tells at the end how much it saw.

local function seen(conn, what) conn[what] = (conn[what] or 0) + 1 end

function connect(conn) return continue end
function helo(conn, name) return continue end
function mail(conn, sender, params)
  conn.params = table.concat(params, " ")
  return continue
end
function rcpt(conn, recipient)
  seen(conn, "rcpts")
  if recipient == "refused@example.com" then return reject("5.1.1", "nobody of that name") end
  return continue
end
function data(conn) return continue end
function header(conn, name, value)
  seen(conn, "fields")
  return continue
end
function eoh(conn) return continue end
function body(conn, chunk)
  conn.bytes = (conn.bytes or 0) + #chunk
  return continue
end
function unknown(conn, command)
  if command == "DISCARD" then return tempfail end
  return continue
end

function eom(conn, msg)
  msg:add_header("X-Client", conn.host .. " " .. tostring(conn.ip) .. " " .. tostring(conn.family))
  msg:add_header("X-Bytes", conn.bytes or 0)
  msg:add_header("X-Fields", conn.fields or 0)
  msg:add_header("X-Rcpts", conn.rcpts or 0)
  msg:add_header("X-Params", conn.params)
  msg:add_header("X-Macro", conn.macros["{test}"] or "none")
  msg:insert_header(0, "X-Top", "first")
  msg:change_header("Subject", "changed")
  msg:delete_header("X-Bad")
  return continue
end
