local map = require "map"
local cfg = settings { refused = "@spam.example.com" }
local lists = map.table("sqlite:lists.db", { query = "SELECT owner FROM lists WHERE address = ?" })

function mail(conn, sender)
  if sender:find(cfg.refused, 1, true) then
    return reject("5.7.1", "mail from there is not accepted")
  end
end

function rcpt(conn, recipient)
  if recipient == "busy@example.org" then
    return tempfail("4.2.1", "try again later")
  end
  if recipient:find("@lists.example.org", 1, true) and not lists:has(recipient) then
    return reject("5.1.1", "there is no such list")
  end
  conn.count = (conn.count or 0) + 1
end

function header(conn, name, value)
  if name == "X-Drop" then
    return discard
  end
end

function body(conn, chunk)
  if chunk:find("enough", 1, true) then
    return skip
  end
end

function eom(conn, msg)
  if msg:header("X-Hold") then
    msg:quarantine("the sender asks for it")
  end
  if msg:header("X-Rcpt-Count") then
    return                               -- counted before
  end
  msg:add_header("X-Rcpt-Count", conn.count)
  metrics.count("messages", { kind = "plain" })
  log.info("passed", { recipients = conn.count })
end
