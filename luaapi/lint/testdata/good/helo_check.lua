-- helo_check.lua: nobody but us is us.
local names = {}
for _, name in ipairs { "mx.example.org", "localhost" } do
  names[name] = true
end

function helo(conn, name)
  if conn.ip == "127.0.0.1" then
    return accept
  end
  if names[name:lower()] then
    return reject("5.7.1", "you are not " .. printable(name))
  end
end
