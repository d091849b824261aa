-- errors.lua: fails where the client asks for it.

function mail() return continue end

function rcpt(conn, recipient)
  if recipient == "bad@example.com" then error("boom at rcpt") end
  return continue
end

function eom(conn, msg)
  msg:add_header("X-Missing", conn.missing)
end

function data(conn)
  if conn.sender == "data@example.org" then return "reject" end
  return continue
end

function header(conn, name, value)
  if name == "Subject" then conn.missing = value end
  if name == "Fail" then error("boom at header") end
end
