-- archive.lua: send a copy of each message to an archive, without the reader seeing it.

local cfg = settings { archive = "archive@example.org", domains = { "example.org" } }

local archived = {}
for _, domain in ipairs(cfg.domains) do
  archived[domain] = true
end

function eom(conn, msg)
  for _, recipient in ipairs(msg.recipients) do
    local domain = recipient:match("@(.*)$")
    if domain and archived[domain:lower()] then
      msg:add_recipient(cfg.archive)
      return
    end
  end
end
