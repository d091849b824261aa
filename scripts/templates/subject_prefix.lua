-- subject_prefix.lua: mark the subject of mail from outside.

local cfg = settings { mark = "[external]", domains = { "example.com" } }

local ours = {}
for _, domain in ipairs(cfg.domains) do
  ours[domain] = true
end

function eom(conn, msg)
  local domain = (conn.sender or ""):match("@(.*)$")
  if not conn.auth and not ours[(domain or ""):lower()] then
    msg:prefix_subject(cfg.mark)
  end
end
