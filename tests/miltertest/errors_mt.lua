-- errors_mt.lua: an error in the filter never loses mail. The command or the message is refused for now, and the filter goes on.
dofile("common.lua")

conversation(function()
  local conn = open()

  -- In rcpt it concerns that recipient; in eom nothing is changed.
  step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
  step(conn, "TEMPFAIL", "rcptto", "<bad@example.com>")
  step(conn, "CONTINUE", "rcptto", "<good@example.com>")
  step(conn, "CONTINUE", "data")
  step(conn, "TEMPFAIL", "eom")
  unchanged(conn, MT_HDRADD)

  -- What is no verdict is an error too.
  step(conn, "CONTINUE", "mailfrom", "<data@example.org>")
  step(conn, "CONTINUE", "rcptto", "<good@example.com>")
  step(conn, "TEMPFAIL", "data")
  mt.abort(conn)

  -- Where nobody waits for a reply, it is given at the end.
  step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
  step(conn, "CONTINUE", "rcptto", "<good@example.com>")
  same("header", mt.header(conn, "Fail", "now"), nil)
  same("header", mt.header(conn, "Subject", "hello"), nil)
  step(conn, "TEMPFAIL", "eom")
  unchanged(conn, MT_HDRADD)

  -- The connection and the filter go on.
  step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
  step(conn, "CONTINUE", "rcptto", "<good@example.com>")
  same("header", mt.header(conn, "Subject", "hello"), nil)
  step(conn, "CONTINUE", "eom")
  changed(conn, MT_HDRADD, "X-Missing", "hello")
  mt.disconnect(conn)
end)
