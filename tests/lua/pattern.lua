-- pattern.lua: what the string functions of lua5.1 say to a batch of cases; pattern_test.go has the same in Go.
--
-- Texts are written as their length, a colon and their bytes. A case is five of them: the pattern for find, the pattern for the others,
-- subject, init, replacement. The answer is four texts for each case: find, match, gmatch, gsub, with all values that they gave.
local input, at = ..., 1
local out = {}

local function text()
  local colon = input:find(":", at, true)
  local n = tonumber(input:sub(at, colon - 1))
  at = colon + 1 + n
  return input:sub(colon + 1, colon + n)
end

local function value(v)
  v = tostring(v)
  return #v .. ":" .. v
end

local function values(ok, ...)
  local all = { ok and "" or "error " }
  for i = 1, select("#", ...) do
    all[#all + 1] = value((select(i, ...)))
  end
  return table.concat(all)
end

local function answer(s)
  out[#out + 1] = #s .. ":" .. s
end

local function gmatch(subject, pattern)
  local all = {}
  local iterate = string.gmatch(subject, pattern)
  while true do
    local s = values(pcall(iterate))
    if s == "" then return table.concat(all) end
    if s:sub(1, 5) == "error" then return table.concat(all) .. s end
    all[#all + 1] = s .. ";"
  end
end

while at <= #input do
  local plain, pattern, subject, init, replacement = text(), text(), text(), tonumber(text()), text()
  answer(values(pcall(string.find, subject, plain, init)))
  answer(values(pcall(string.match, subject, pattern, init)))
  answer(gmatch(subject, pattern))
  answer(values(pcall(string.gsub, subject, pattern, replacement)))
end
return table.concat(out)
