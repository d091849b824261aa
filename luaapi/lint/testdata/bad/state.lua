local count = 0
local seen = {}
local list = {}
shared = 1
local unused = {}
local function remember(x)
  table.insert(list, x)
end
local function never(x)
  unused[x] = true
end
function rcpt(conn, recipient)
  count = count + 1
  seen[recipient] = true
  remember(recipient)
  shared = shared + 1
end
function mail(conn, sender)
  conn.messages = (conn.messages or 0) + 1
  conn.other = 1 + (conn.other or 0)
end
function eom(conn, msg)
  conn.other = 2
end
