-- count_recipients.lua: tell the reader how many recipients a message had, and refuse more than a few.

local cfg = settings { max = 50 }

function rcpt(conn, recipient)
  if (conn.count or 0) >= cfg.max then
    return tempfail("4.5.3", "too many recipients")
  end
  conn.count = (conn.count or 0) + 1
end

function eom(conn, msg)
  msg:add_header("X-Rcpt-Count", conn.count)
end
