-- subject_tag.lua: mark mail from outside.
local TAG = "[EXTERN]"
local ours = { ["example.org"] = true, ["example.net"] = true }

local function domain(address)
  return (address:match("@([^@]+)$") or ""):lower()
end

function mail(conn, sender, params)
  conn.outside = not ours[domain(sender)]
end

function eom(conn, msg)
  if not conn.outside then
    return
  end
  local subject = msg:header("Subject") or ""
  if not subject:find(TAG, 1, true) then
    msg:change_header("Subject", TAG .. " " .. subject)
  end
end
