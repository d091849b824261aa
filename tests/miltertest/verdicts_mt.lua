-- verdicts_mt.lua: every verdict where it may be given, and what it means for what follows.
dofile("common.lua")

local function greeted()
  local conn = open()
  step(conn, "CONTINUE", "conninfo", "client.example.net", "192.0.2.7")
  step(conn, "CONTINUE", "helo", "mail.example.net")
  return conn
end

conversation(function()
  -- The connection.
  for _, c in ipairs { { "accept", "ACCEPT" }, { "reject", "REJECT" }, { "tempfail", "TEMPFAIL" }, { "text", "REPLYCODE" } } do
    local wish, want = c[1], c[2]
    local conn = open()
    step(conn, want, "conninfo", wish, "192.0.2.7")
    mt.disconnect(conn)
    conn = open()
    step(conn, "CONTINUE", "conninfo", "client.example.net", "unspec")
    step(conn, want, "helo", wish)
    mt.disconnect(conn)
  end

  -- The sender: that message only.
  local conn = greeted()
  for _, c in ipairs { { "reject", "REJECT" }, { "tempfail", "TEMPFAIL" }, { "discard", "DISCARD" }, { "accept", "ACCEPT" }, { "text", "REPLYCODE" } } do
    step(conn, c[2], "mailfrom", "<" .. c[1] .. "@example.org>")
    mt.abort(conn)
  end
  step(conn, "CONTINUE", "mailfrom", "<one@example.org>")

  -- Recipients: each for itself.
  step(conn, "CONTINUE", "rcptto", "<a@example.com>")
  step(conn, "REJECT", "rcptto", "<reject@example.com>")
  step(conn, "REPLYCODE", "rcptto", "<later@example.com>")
  step(conn, "CONTINUE", "rcptto", "<b@example.com>")
  step(conn, "REPLYCODE", "unknown", "text")
  step(conn, "CONTINUE", "header", "Subject", "hello")
  step(conn, "SKIP", "bodystring", "skip")
  step(conn, "CONTINUE", "eom")
  changed(conn, MT_HDRADD, "X-Recipients", "a@example.com b@example.com")

  -- The content.
  for _, c in ipairs { { "reject", "REJECT" }, { "tempfail", "TEMPFAIL" }, { "discard", "DISCARD" }, { "accept", "ACCEPT" }, { "text", "REPLYCODE" } } do
    step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
    step(conn, "CONTINUE", "rcptto", "<a@example.com>")
    step(conn, c[2], "header", "Do", c[1])
    mt.abort(conn)
    step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
    step(conn, "CONTINUE", "rcptto", "<a@example.com>")
    step(conn, c[2], "bodystring", c[1])
    mt.abort(conn)
    step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
    step(conn, "CONTINUE", "rcptto", "<a@example.com>")
    step(conn, "CONTINUE", "header", "At-End", c[1])
    step(conn, c[2], "eom")
    if c[1] == "accept" then changed(conn, MT_HDRADD, "X-Recipients") else unchanged(conn, MT_HDRADD) end
  end
  changed(conn, MT_SMTPREPLY, "550", "5.7.0", "go away")

  step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
  step(conn, "CONTINUE", "rcptto", "<a@example.com>")
  step(conn, "CONTINUE", "header", "At-End", "later")
  step(conn, "REPLYCODE", "eom")
  changed(conn, MT_SMTPREPLY, "451-4.7.1 come back\r\n451 4.7.1 in an hour")
  mt.disconnect(conn)
end)
