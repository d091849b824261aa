Modules.

--- require
local address = require "address"

function eom(conn, msg)
  address.domain("user@Example.COM")      --> example.com
end
