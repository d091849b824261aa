-- changes.lua: makes every change that miltertest can check, and those it cannot.

function eom(conn, msg)
  msg:add_header("X-Added", "at the end")
  msg:insert_header(0, "X-Top", "above all")
  msg:insert_header(2, "X-Second", "below the first")
  msg:change_header("Subject", "changed")
  msg:delete_header("X-Bad")
  msg:add_recipient("new@example.com")
  msg:delete_recipient("a@example.com")
  msg:change_sender("new@example.org", { RET = "HDRS" })
  msg:replace_body("a new body\n")
  msg:quarantine("for a look")
  msg:progress()
  if conn.sender == "accept@example.org" then return accept end
end
