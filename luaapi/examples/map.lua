Lists to look things up in.

--- set
local map = require "map"
local staff = map.set({ "Alice@example.com", "bob@example.com" }, { fold = true })

function eom(conn, msg)
  print(staff:has("alice@example.com"))           --> true
end

--- net
local map = require "map"
local nets = map.net {
  ["192.0.2.0/24"] = "office",
  ["192.0.2.10-192.0.2.19"] = "printers",
}

function connect(conn)
  print(nets:get(conn.ip))                        --> office
  print(nets:get("192.0.2.12"))                   --> printers
end

--- domain
local map = require "map"
local blocked = map.domain { "example.net", ".example.com" }

function mail(conn, sender)
  print(blocked:has("user@mail.example.net"))     --> true
  print(blocked:has("example.com"))               --> false
  if blocked:has(sender) then return reject("your domain is blocked here") end
end

--- regex
local map = require "map"
local words = map.regex { { [[\bwin a \w+]], "prize" }, { [[^re: re:]], "chain" } }

function eom(conn, msg)
  print(words:get("you can win a car"))           --> prize
end

--- table
local map = require "map"
local limits = map.table { ["alice@example.com"] = 10, ["bob@example.com"] = 200 }

function eom(conn, msg)
  local limit = tonumber(limits:get("bob@example.com"))   --> 200
end
