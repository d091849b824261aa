-- changes_mt.lua: the changes of one message, all together and for each message anew.
dofile("common.lua")

conversation(function()
  local conn = open()
  for _, action in ipairs { "ADDHDRS", "CHGHDRS", "CHGBODY", "ADDRCPT", "DELRCPT", "CHGFROM", "QUARANTINE" } do
    same(action, mt.test_action(conn, _G["SMFIF_" .. action]), true)
  end
  for _, sender in ipairs { "one@example.org", "accept@example.org" } do
    same("mailfrom", mt.mailfrom(conn, "<" .. sender .. ">"), nil)
    same("rcptto", mt.rcptto(conn, "<a@example.com>"), nil)
    same("rcptto", mt.rcptto(conn, "<b@example.com>"), nil)
    for _, field in ipairs { { "X-Bad", "one" }, { "Subject", "hello" }, { "X-Bad", "two" } } do
      same("header", mt.header(conn, field[1], field[2]), nil)
    end
    step(conn, sender:find("accept") and "ACCEPT" or "CONTINUE", "eom")
    changed(conn, MT_HDRADD, "X-Added", "at the end")
    changed(conn, MT_HDRINSERT, "X-Top", "above all", 0)
    changed(conn, MT_HDRINSERT, "X-Second")
    changed(conn, MT_HDRCHANGE, "Subject", "changed")
    changed(conn, MT_HDRDELETE, "X-Bad", 1)
    changed(conn, MT_HDRDELETE, "X-Bad", 2)
    unchanged(conn, MT_HDRDELETE, "X-Bad", 3)
    unchanged(conn, MT_HDRDELETE, "Subject")
    changed(conn, MT_RCPTADD, "<new@example.com>")
    changed(conn, MT_RCPTDELETE, "<a@example.com>")
    unchanged(conn, MT_RCPTDELETE, "<b@example.com>")
    changed(conn, MT_BODYCHANGE, "a new body\r\n")
    changed(conn, MT_QUARANTINE, "for a look")
    same("the added field", mt.getheader(conn, "X-Added", 0), "at the end")
  end
  mt.disconnect(conn)
end)
