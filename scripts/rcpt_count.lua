-- rcpt_count.lua: tell the reader how many recipients a message had.
function rcpt(conn, recipient)
  conn.count = (conn.count or 0) + 1
end

function eom(conn, msg)
  msg:add_header("X-Rcpt-Count", conn.count)
end
