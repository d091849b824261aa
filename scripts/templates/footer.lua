-- footer.lua: add a footer to what our users send.

local cfg = settings {
  text = "Example Ltd., 1 Example Street",
  html = "<p>Example Ltd., 1 Example Street</p>",
}

function eom(conn, msg)
  if not conn.auth then
    return                              -- not from a user of ours
  end
  local added, why = msg:add_footer{ text = cfg.text, html = cfg.html, once = true }
  if not added then
    log.info("no footer", { why = why })
  end
end
