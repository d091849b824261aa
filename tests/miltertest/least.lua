-- least.lua: a filter that needs little, and lets the rest go by without a reply.

function rcpt(conn, recipient)
  conn.count = (conn.count or 0) + 1
end

function eom(conn, msg)
  msg:add_header("X-Rcpt-Count", conn.count)
end
