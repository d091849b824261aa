-- class.lua: objects, closures, varargs, goto, methods named like actions.
local Counter = {}
Counter.__index = Counter

function Counter.new()
  return setmetatable({ n = 0 }, Counter)
end

function Counter:progress(by)
  self.n = self.n + (by or 1)
  return self
end

local function sum(...)
  local total = 0
  for i = 1, select("#", ...) do
    total = total + (select(i, ...))
  end
  return total
end

function header(conn, name, value)
  local counter = Counter.new()
  for word in value:gmatch("%S+") do
    if #word < 3 then
      goto continue
    end
    counter:progress()
    ::continue::
  end
  conn.words = sum(conn.words or 0, counter.n)
end

function eom(conn, msg)
  msg:insert_header(1, "X-Words", conn.words or 0)
end
