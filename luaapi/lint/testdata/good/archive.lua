-- archive.lua: a blind copy of everything, a helper for the actions.
local ARCHIVE = "archive@example.org"

local function copy(msg, address)
  for _, known in ipairs(msg.recipients) do
    if known == address then
      return false
    end
  end
  msg:add_recipient(address)
  return true
end

function eom(conn, msg)
  if copy(msg, ARCHIVE) then
    msg:add_header("X-Archived", "yes")
  end
end
