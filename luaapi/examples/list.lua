A list that map opened.

--- has
local helos = require "map".set { "localhost", "localhost.localdomain" }

function helo(conn, name)
  if helos:has(name) then return reject("5.5.2", "say your own name") end
end

--- get
local folders = require "map".table { ["one@example.org"] = "first" }

function rcpt(conn, recipient)
  print(folders:get(recipient) or "none")         --> first; none
end

--- size
local list = require "map".set { "a", "b", "a" }

function eom(conn, msg)
  print(list:size())                              --> 2
end
