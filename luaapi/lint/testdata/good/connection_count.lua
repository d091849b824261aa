-- connection_count.lua: keys that connect sets live on, so mail may count.
function connect(conn)
  conn.messages = 0
end

function mail(conn, sender)
  local c = conn.connection
  c.messages = c.messages + 1
  if sender == "" and c.messages > 5 then
    return tempfail
  end
end

function abort(conn)
  conn.connection.aborted = true
end

function unknown(conn, command)
  return reject("5.5.1", "what is " .. printable(command) .. "?")
end
