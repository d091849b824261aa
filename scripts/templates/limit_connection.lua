-- limit_connection.lua: take only so many messages and recipients over one connection.

local cfg = settings { messages = 20, recipients = 100 }

function mail(conn, sender)
  local total = conn.connection
  total.messages = (total.messages or 0) + 1
  if total.messages > cfg.messages then
    return tempfail("4.7.0", "too many messages on one connection")
  end
end

function rcpt(conn, recipient)
  local total = conn.connection
  total.rcpts = (total.rcpts or 0) + 1
  if total.rcpts > cfg.recipients then
    return tempfail("4.5.3", "too many recipients on one connection")
  end
end
