-- conditional.lua: one of two definitions, a wrapped hook, pcall.
local strict = false
local ok, extra = pcall(require, "extras")

if strict then
  function helo(conn, name)
    return name == "" and reject or nil
  end
else
  function helo(conn, name) end
end

function mail(conn, sender)
  if ok then
    extra.note(sender)
  end
end

local plain = mail
function mail(conn, sender, params)
  if params.SIZE and tonumber(params.SIZE) > 1e7 then
    return reject(552, "5.3.4", "too big")
  end
  return plain(conn, sender)
end
