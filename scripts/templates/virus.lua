-- virus.lua: refuse what ClamAV finds infected; clamav.address must be configured.

local clamav = require "clamav"

-- What becomes of mail while clamd does not answer: accept it with a mark, or have it come again.
local cfg = settings { unscanned = "accept" }

function eom(conn, msg)
  local verdict, name = clamav.scan(msg)
  if verdict == "infected" then
    log.info("a virus", { virus = name })
    return reject("5.7.1", "infected with " .. printable(name))
  end
  if verdict == "clean" then
    return
  end
  log.info("not scanned", { why = name })
  if cfg.unscanned == "tempfail" then
    return tempfail("4.7.1", "the virus scanner is away, try again later")
  end
  msg:add_header("X-Virus-Scan", "none")
end
