-- greylist.lua: puts off who is not known, as the template of luamilter new does.
local g = require("greylist").new{ delay = "5m" }

function rcpt(conn, recipient)
  return g:verdict(conn, conn.sender, recipient)
end
