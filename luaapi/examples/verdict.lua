What hooks return.

--- continue
function mail(conn, sender)
  if sender == "" then
    return continue
  end
end

--- accept
function connect(conn)
  if conn.ip == "192.0.2.1" then
    return accept                         --> accept
  end
end

--- reject
function rcpt(conn, recipient)
  if recipient == "two@example.org" then
    return reject("5.1.1", "no such user") --> 550 5.1.1 no such user
  end
end

--- tempfail
function eom(conn, msg)
  return tempfail("please try again later") --> 451 4.7.1 please try again later
end

--- discard
function eom(conn, msg)
  return discard                          --> discard
end

--- skip
function body(conn, chunk)
  conn.first = chunk:sub(1, 4)
  return skip                             --> skip
end
