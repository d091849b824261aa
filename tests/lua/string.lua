-- string.lua: calls functions of the string library, in lua5.1 and here. string_test.go writes the calls.
--
-- Texts are written as their length, a colon and their bytes. A call is three of them or more: how (string.f(...) or s:f(...)), the name,
-- how many arguments, and those, which begin with their type. The answer is a text for each call: the values it gave, or the error.
local input, at = ..., 1

local function text()
  local colon = string.find(input, ":", at, true)
  local n = tonumber(string.sub(input, at, colon - 1))
  at = colon + 1 + n
  return string.sub(input, colon + 1, colon + n)
end

local function written(v)
  local s
  if type(v) == "number" then
    s = string.format("%.14g", v)
  elseif type(v) == "string" then
    s = v
  else
    s = "a " .. type(v) .. " or " .. tostring(not not v)
  end
  return string.sub(type(v), 1, 1) .. #s .. ":" .. s
end

local function values(...)
  local out = ""
  for i = 1, select("#", ...) do
    out = out .. written((select(i, ...)))
  end
  return out
end

local direct = {
  byte = function(...) return values(string.byte(...)) end,
  char = function(...) return values(string.char(...)) end,
  find = function(...) return values(string.find(...)) end,
  format = function(...) return values(string.format(...)) end,
  gsub = function(...) return values(string.gsub(...)) end,
  len = function(...) return values(string.len(...)) end,
  lower = function(...) return values(string.lower(...)) end,
  match = function(...) return values(string.match(...)) end,
  rep = function(...) return values(string.rep(...)) end,
  reverse = function(...) return values(string.reverse(...)) end,
  sub = function(...) return values(string.sub(...)) end,
  upper = function(...) return values(string.upper(...)) end,
}

local method = {
  byte = function(s, ...) return values(s:byte(...)) end,
  char = function(s, ...) return values(s:char(...)) end,
  find = function(s, ...) return values(s:find(...)) end,
  format = function(s, ...) return values(s:format(...)) end,
  gsub = function(s, ...) return values(s:gsub(...)) end,
  len = function(s, ...) return values(s:len(...)) end,
  lower = function(s, ...) return values(s:lower(...)) end,
  match = function(s, ...) return values(s:match(...)) end,
  rep = function(s, ...) return values(s:rep(...)) end,
  reverse = function(s, ...) return values(s:reverse(...)) end,
  sub = function(s, ...) return values(s:sub(...)) end,
  upper = function(s, ...) return values(s:upper(...)) end,
}

local function each(next)
  local out = ""
  for _ = 1, 40 do
    local s = values(next())
    out = out .. s .. ";"
    if s == "" then break end
  end
  return out
end

function direct.gmatch(...)
  local next = string.gmatch(...)
  return each(next)
end

function method.gmatch(s, ...)
  local next = s:gmatch(...)
  return each(next)
end

-- What replaces, by number.
local functions = {
  function(a) return a end,
  function() end,
  function(_, b) return b end,
  function(...) return select("#", ...) end,
  function(...) return "<" .. values(...) .. ">" end,
  function(a) return {a} end,
  function(a) error("no " .. tostring(a), 0) end,
  function(a) if a == "a" then return true end return false end,
  function(a) return (string.gsub(string.rep("%1", 2), "%%(%d)", function(d) return string.find(a, "(.)") and a .. d end)) end,
  string.upper,
  function(a) for w in string.gmatch("x y", "%a") do a = a .. w end return a, "more" end,
  function(a) return 1e15 + #tostring(a) end,
  string.format,
}

local tables = {
  {a = "A", b = 2, ab = false, ["1"] = "one", [" "] = "", [1] = "first", [2] = 2.5, [3] = false},
  setmetatable({a = "own"}, {__index = function(_, key) return "<" .. values(key) .. ">" end}),
  setmetatable({}, {__index = {a = "outer", b = {}, [1] = true}}),
  setmetatable({b = "x"}, {__index = function(_, key) if key == "a" then error("no key", 0) end end}),
  {},
}

local function argument()
  local s = text()
  local kind, rest = string.sub(s, 1, 1), string.sub(s, 2)
  if kind == "s" then return rest end
  if kind == "n" then return tonumber(rest) end
  if kind == "h" then return tonumber(rest) / 2 end
  if kind == "b" then return rest == "true" end
  if kind == "f" then return functions[tonumber(rest)] end
  if kind == "t" then return tables[tonumber(rest)] end
  return nil
end

local out = {}
while at <= #input do
  local how, name = text(), text()
  local n, arguments = tonumber(text()), {}
  for i = 1, n do
    arguments[i] = argument()
  end
  local call = how == "direct" and direct[name] or method[name]
  local ok, s = pcall(call, unpack(arguments, 1, n))
  s = (ok and "ok " or "error ") .. s
  out[#out + 1] = #s .. ":" .. s
end
return table.concat(out)
