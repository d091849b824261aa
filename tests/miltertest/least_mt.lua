-- least_mt.lua: the filter asks for what it needs and no more, and nobody waits for replies that say nothing.
dofile("common.lua")

conversation(function()
  local conn = open()
  for option, want in pairs {
    NOCONNECT = true, NOHELO = true, NOMAIL = false, NORCPT = false, NODATA = true, NOHDRS = true, NOEOH = true, NOBODY = true,
    NOUNKNOWN = true, NR_MAIL = true, NR_RCPT = true, SKIP = false, RCPT_REJ = false, HDR_LEADSPC = false,
  } do
    same(option, mt.test_option(conn, _G["SMFIP_" .. option]), want)
  end
  for action, want in pairs {
    ADDHDRS = true, CHGHDRS = false, CHGBODY = false, ADDRCPT = false, DELRCPT = false, QUARANTINE = false, CHGFROM = false,
    ADDRCPT_PAR = false, SETSYMLIST = false,
  } do
    same(action, mt.test_action(conn, _G["SMFIF_" .. action]), want)
  end
  for _, want in ipairs { 3, 1, 2 } do
    same("mailfrom", mt.mailfrom(conn, "<one@example.org>"), nil)
    for i = 1, want do
      same("rcptto", mt.rcptto(conn, "<r" .. i .. "@example.com>"), nil)
    end
    step(conn, "CONTINUE", "eom")
    changed(conn, MT_HDRADD, "X-Rcpt-Count", tostring(want))
  end
  mt.disconnect(conn)

  -- An MTA of old: every reply is sent.
  conn = mt.connect(socket)
  same("negotiate", mt.negotiate(conn, 2, 127, 63), nil)
  step(conn, "CONTINUE", "mailfrom", "<one@example.org>")
  step(conn, "CONTINUE", "rcptto", "<a@example.com>")
  step(conn, "CONTINUE", "eom")
  changed(conn, MT_HDRADD, "X-Rcpt-Count", "1")
  mt.disconnect(conn)

  -- One that is gone at once, and one in the middle of a message.
  conn = mt.connect(socket)
  mt.disconnect(conn, false)
  conn = open()
  same("mailfrom", mt.mailfrom(conn, "<one@example.org>"), nil)
  mt.disconnect(conn, false)
end)
