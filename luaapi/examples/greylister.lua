A greylist.

--- check
local greylist = require "greylist"
local g = greylist.new{ delay = "5m" }

function rcpt(conn, recipient)
  local answer, seconds, why = g:check(conn, conn.sender, recipient)
  log.info("greylist", { answer = answer, seconds = seconds, why = why })
end

--- verdict
local greylist = require "greylist"
local g = greylist.new{ delay = "5m" }

function rcpt(conn, recipient)
  return g:verdict(conn, conn.sender, recipient)
end
