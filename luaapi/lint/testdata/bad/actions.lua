function rcpt(conn, recipient)
  conn:add_header("X", "1")
  conn.quarantine("why")
end
function mail(conn)
  local msg = conn.msg
  msg:change_header("Subject", "x")
end
local function tag(msg)
  msg:add_header("X", "1")
end
function eom(conn, msg)
  tag(msg)
  msg:addheader("X", "2")
  msg:delete_headers("X")
end
