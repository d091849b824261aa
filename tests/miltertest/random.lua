-- random.lua: tells how many bytes of body it saw.

function body(conn, chunk)
  conn.bytes = (conn.bytes or 0) + #chunk
  return continue
end

function eom(conn, msg)
  msg:add_header("X-Bytes", conn.bytes)
  return continue
end
