--- verify
local known, why = smtp.verify{ recipient = "one@example.org", host = "mailbox.example.org" }
if known == false then
  return reject("5.1.1", "there is no such user")
elseif known == nil then
  log.warn("nobody knows whether there is such a user", { why = why })
end
print(known) --> true

--- send
local id, why = smtp.send{ to = "postmaster@example.org", subject = "A virus", text = "From " .. conn.sender .. "\n" }
if not id then
  log.error("the notice is lost", { why = why })
end
print(id) --> 1
