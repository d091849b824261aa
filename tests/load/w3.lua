-- w3.lua: refuse messages whose body has the token, also where two chunks meet; write the size of the others into them.
local TOKEN = "EICAR-TEST"
local KEEP = #TOKEN - 1 -- bytes of a chunk that may be the beginning of a token

function body(conn, chunk)
  conn.size = (conn.size or 0) + #chunk
  if conn.found then
    return
  end
  local border = (conn.tail or "") .. chunk:sub(1, KEEP)
  conn.found = border:find(TOKEN, 1, true) or chunk:find(TOKEN, 1, true)
  conn.tail = (#chunk < KEEP and border or chunk):sub(-KEEP)
end

function eom(conn, msg)
  if conn.found then
    return reject(550, "5.7.1", "the test token is in the body")
  end
  msg:add_header("X-Body-Bytes", conn.size or 0)
end
