-- w1.lua: write into each message how many recipients it had.
function rcpt(conn)
  conn.recipients_seen = (conn.recipients_seen or 0) + 1
end

function eom(conn, msg)
  msg:add_header("X-Rcpt-Count", conn.recipients_seen)
end
