Settings.

--- settings
local cfg = settings { limit = 100, trusted = { "192.0.2.1" }, delay = "5m" }

function eom(conn, msg)
  print(cfg.limit, cfg.trusted[1])        --> 100, 192.0.2.1
end
