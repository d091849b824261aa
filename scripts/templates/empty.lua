-- empty.lua: say here what it does, and for whom.
--
-- Keep the hooks that you need. luamilter asks the MTA only for what is in the script.

function rcpt(conn, recipient)
  -- return reject("5.1.1", "no such user")
end

function eom(conn, msg)
  msg:add_header("X-Filtered", "yes")
end
