-- block_token.lua: refuse messages whose body contains a given text, wherever chunks are cut.
--
-- A body comes in chunks of any size. What was found is decided at the end of the message; from the first hit on, no more
-- chunks are asked for.

local TOKEN = "BLOCK-THIS-MESSAGE"

function body(conn, chunk)
  local joint = (conn.tail or "") .. chunk
  if joint:find(TOKEN, 1, true) then
    conn.found = true
    return skip
  end
  conn.tail = joint:sub(-(#TOKEN - 1))
end

function eom(conn)
  if conn.found then
    return reject(550, "5.7.1", "This message contains a text that is not accepted here")
  end
end
