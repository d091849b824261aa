-- sql_recipients.lua: take mail only for recipients that a database has.

local map = require "map"

local cfg = settings {
  database = "sqlite:/var/lib/luamilter/mail.db", -- or postgres://user:password@host/database, mysql://...
  query = "SELECT 1 FROM users WHERE address = ?", -- PostgreSQL: address = $1
  domains = { "example.org" },                     -- whose recipients the database has
}

local ours = map.set(cfg.domains, { fold = true })
local users = map.table(cfg.database, { query = cfg.query, ttl = "1m" })

function rcpt(conn, recipient)
  local name = recipient:lower()
  if not ours:has(name:match("@([^@]*)$")) then
    return
  end
  local known, problem = users:has(name)
  if problem then
    log.info("recipient not checked", { why = problem })
  elseif not known then
    return reject(550, "5.1.1", "there is no such recipient here")
  end
end
