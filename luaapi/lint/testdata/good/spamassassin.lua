-- spamassassin.lua: act on a verdict that somebody else found.
local function score(msg)
  local status = msg:header("X-Spam-Status") or ""
  return tonumber(status:match("score=([%d.-]+)")) or 0
end

local function quarantine(msg, why)
  msg:quarantine(why)
  return accept
end

function negotiate(neg)
  if neg.offered.version >= 6 then
    neg:request_macros("eom", { "i", "{auth_authen}" })
  end
end

function eom(conn, msg)
  local m = conn.macros
  if m["{auth_authen}"] or m.i == nil then
    return
  end
  local s = score(msg)
  if s >= 15 then
    return discard
  elseif s >= 8 then
    return quarantine(msg, "score " .. s)
  end
end
