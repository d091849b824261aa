-- w2.lua: count the header fields of each message, and mark it if its subject has the word.
function header(conn, name, value)
  conn.fields = (conn.fields or 0) + 1
  if name:lower() == "subject" and value:lower():find("viagra", 1, true) then
    conn.match = true
  end
end

function eom(conn, msg)
  msg:add_header("X-Header-Count", conn.fields)
  if conn.match then
    msg:add_header("X-Match", "yes")
  end
end
