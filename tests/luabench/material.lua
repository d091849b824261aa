-- material.lua: what the workloads work on, the same bytes every time. There are two of each kind, which workloads take in turn:
-- a compiler that sees the same string every time would do the work once and lift it out of the loop.
local material = {}

local WORDS = {"please", "find", "below", "what", "We", "agreed", "on", "and", "tell", "me", "by", "the", "End", "of", "THIS", "week",
  "unless", "http", "anything", "is", "missing", "from", "it"}

-- numbers returns a function that returns numbers from 1 to its argument, at random but always the same ones.
local function numbers(seed)
  return function(limit)
    seed = seed * 16807 % 2147483647
    return seed % limit + 1
  end
end

-- text returns that many bytes of words.
local function text(random, size)
  local words, length = {}, 0
  while length <= size do
    local word = WORDS[random(#WORDS)]
    words[#words + 1] = word
    length = length + #word + 1
  end
  return table.concat(words, " "):sub(1, size)
end

-- body returns 64 KiB, less a few bytes: 624 lines of 105 bytes with CRLF, each with a URL somewhere.
local function body(seed)
  local random, lines = numbers(seed), {}
  for i = 1, 624 do
    local scheme = i % 2 == 0 and "http://" or "https://"
    local url = " " .. scheme .. "www" .. random(9) .. ".site-" .. random(99) .. ".example/a/" .. random(9999) .. ".html "
    local before = text(random, random(40))
    lines[i] = before .. url .. text(random, 103 - #before - #url) .. "\r\n"
  end
  return table.concat(lines)
end

function material.bodies()
  return {body(1), body(2)}
end

local NAMES = {"Received", "DKIM-Signature", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "X-Spam-Status"}

local function header(seed)
  local random, fields = numbers(seed), {}
  for i = 1, 30 do
    local value = text(random, 20 + random(60))
    if i % 3 == 0 then
      value = value .. " <reader." .. i .. "@site-" .. random(99) .. ".example>"
    elseif i % 7 == seed then
      value = value .. " Viagra"
    end
    fields[i] = {name = NAMES[i % #NAMES + 1], value = value}
  end
  return fields
end

-- headers returns two headers of 30 fields, a third of them with an address.
function material.headers()
  return {header(1), header(2)}
end

local function recipients(seed)
  local random, list = numbers(seed), {}
  for i = 1, 1000 do
    list[i] = "<reader" .. i .. "@site" .. random(20) .. ".example>"
  end
  return list
end

-- recipients returns two lists of 1000 addresses in 20 domains.
function material.recipients()
  return {recipients(1), recipients(2)}
end

return material
