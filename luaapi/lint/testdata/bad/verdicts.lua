function connect(conn)
  if conn.ip then return discard end
  return skip
end
function helo(conn, name)
  return "go away"
end
function mail(conn, sender)
  if sender == skip then return 550 end
  return false
end
function data(conn)
  return "a" .. conn.id
end
function eoh(conn, headers)
  return { "x" }
end
function body(conn, chunk)
  return skip
end
function close(conn)
  return true
end
function eom(conn, msg)
  return conn.x == 1
end
