The message, in eom.

--- headers
for i, field in msg.headers:each() do
  if i <= 2 then print(i, field.name) end --> 1, Received; 2, From
end

--- body
local lines = 0
for line in msg.body:lines() do lines = lines + 1 end
print(msg.body:find("the list", 1, true) ~= nil) --> true

--- attachments
for _, part in ipairs(msg.attachments) do
  print(part.filename)                    --> list.txt; files.zip
end

--- header
msg:header("message-id")                  --> <1@example.com>
msg:header("X-Spam-Flag", -1)             --> YES
msg:header("X-Absent")                    --> nil

--- text
msg:text()                                --> Hello,\nhere is the list.

--- html
local html = msg:html()
html:match("<p>(.-)<br>")                 --> Hello,

--- add_header
msg:add_header("X-Client", conn.ip)
msg:header("X-Client")                    --> 192.0.2.1

--- insert_header
msg:insert_header(1, "X-Seen-By", "mx.example.org")
local name = msg.headers[1].name          --> X-Seen-By

--- change_header
msg:change_header("X-Spam-Flag", "NO", 2) --> true
msg:change_header("X-New", "added")       --> false

--- prepend_header
msg:prepend_header("X-Top", "above all")
local name = msg.headers[1].name          --> X-Top

--- set_header
msg:set_header("X-Spam-Flag", "NO")       --> true
msg.headers:all("X-Spam-Flag")            --> {NO}

--- prefix_subject
msg:prefix_subject("[external]")          --> true
msg.headers:decoded("Subject")            --> [external] Grüße from Example, false

--- delete_header
msg:delete_header("X-Spam-Flag", 1)       --> true
msg:delete_header({ "X-A", "X-B" })       --> false
msg:delete_header(function(field)
  return field.name:find("^X%-") ~= nil
end)
msg.headers:count("X-Spam-Flag")          --> 0

--- change_sender
msg:change_sender("bounces@example.com", { RET = "HDRS" })
local sender = msg.sender                 --> bounces@example.com

--- add_recipient
msg:add_recipient("archive@example.org")  --> true
msg:add_recipient("archive@example.org")  --> false

--- delete_recipient
msg:delete_recipient("two@example.org")   --> true
local left = msg.recipients               --> {one@example.org}

--- replace_body
msg:set_header("Content-Type", "text/plain; charset=utf-8")
msg:replace_body("Removed by mx.example.org.\n")
local size = #msg.body                    --> 28

--- add_footer
msg:add_footer{ text = "-- \nExample Ltd.", html = "<p>Example Ltd.</p>", once = true } --> true
msg:add_footer{ text = "-- \nExample Ltd.", html = "<p>Example Ltd.</p>", once = true } --> false, already there

--- add_banner
msg:add_banner{ text = "This message came from outside.", once = true } --> true

--- remove_part
local bad = msg.attachments[2]
msg:remove_part(bad, "files.zip was removed.") --> true
local left = #msg.attachments             --> 1

--- replace_part
msg:replace_part(msg.attachments[1], "nothing to see\n") --> true
msg.attachments[1]:content()              --> nothing to see\n

--- quarantine
msg:quarantine("a program in an archive")

--- progress
msg:progress()                            -- before something that takes minutes
