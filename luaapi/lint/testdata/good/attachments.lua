-- attachments.lua: refuse programs, looking at every chunk with an overlap.
local bad = { "%.exe\"?\r?\n", "%.scr\"?\r?\n", "%.vbs\"?\r?\n" }

local function suspicious(text)
  for i = 1, #bad do
    if text:find(bad[i]) then
      return true
    end
  end
  return false
end

function body(conn, chunk)
  local text = (conn.rest or "") .. chunk
  if suspicious(text) then
    return reject("5.7.1", "no programs by mail")
  end
  conn.seen = (conn.seen or 0) + #chunk
  if conn.seen > 1024 * 1024 then
    return skip
  end
  conn.rest = text:sub(-100)
end
