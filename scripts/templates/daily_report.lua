-- daily_report.lua: mail a summary of yesterday's messages to the postmaster; smtp.relay and outbox.dir must be configured.

local timer, store, smtp = require "timer", require "store", require "smtp"

local cfg = settings { to = "postmaster@example.com", from = "luamilter@example.com" }

-- Each day has counters of its own, which end by themselves.
local function count(what, n)
  store.incr(os.date("!%Y-%m-%d ") .. what, n, "3d")
end

-- At midnight UTC, and once for all daemons that share a store.
timer.every("1d", function(midnight)
  local day = os.date("!%Y-%m-%d", midnight - 1)
  local messages, bytes = store.get(day .. " messages") or 0, store.get(day .. " bytes") or 0
  local id, why = smtp.send{
    to = cfg.to, from = cfg.from, subject = "Mail of " .. day,
    text = ("%d messages, %d bytes\n"):format(messages, bytes),
  }
  if not id then
    log.error("the report is lost", { why = why, messages = messages, bytes = bytes })
  end
end, { name = "report" })

function eom(conn, msg)
  count("messages", 1)
  count("bytes", #msg.body)
end
