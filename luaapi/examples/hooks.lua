Each section is an example of one hook.

--- negotiate
function negotiate(neg)
  neg:request_macros("connect", { "daemon_name", "{client_ptr}" })
end

--- connect
function connect(conn)
  if conn.host == "[" .. (conn.ip or "") .. "]" then
    conn.connection.unnamed = true       -- lives as long as the connection
  end
end

--- helo
function helo(conn, name)
  if name:lower() == "mx.example.org" then
    return reject("5.7.1", "that is my own name")
  end
end

--- mail
function mail(conn, sender, params)
  print(sender, params.SIZE)             --> sales@example.com, 1234
  conn.bounce = sender == ""
end

--- rcpt
function rcpt(conn, recipient, params)
  if recipient:match("@(.*)$") == "old.example.org" then
    return reject("5.1.6", "that domain has moved to example.org")
  end
  conn.count = (conn.count or 0) + 1
end

--- data
function data(conn)
  if #conn.recipients > 100 then
    return tempfail("4.5.3", "too many recipients")
  end
end

--- header
function header(conn, name, value)
  if name:lower() == "x-loop" and value == "mx.example.org" then
    return reject("5.4.6", "this message has been here before")
  end
end

--- eoh
function eoh(conn, headers)
  if headers:count("From") ~= 1 then
    return reject("5.6.0", "a message has one From field")
  end
end

--- body
function body(conn, chunk)
  conn.bytes = (conn.bytes or 0) + #chunk
  if conn.bytes > 10 * 1024 * 1024 then
    conn.large = true
    return skip                          -- no more chunks of this message
  end
end

--- eom
function eom(conn, msg)
  msg:add_header("X-Checked-By", "mx.example.org")
  msg:header("X-Checked-By")             --> mx.example.org
end

--- abort
function abort(conn)
  log.info("the message was given up", { sender = conn.sender })
end

--- close
function close(conn)
  log.info("the connection ended", { messages = conn.messages or 0 })
end

--- unknown
function unknown(conn, command)
  return reject(500, "5.5.1", "there is no such command") --> 500 5.5.1 there is no such command
end
