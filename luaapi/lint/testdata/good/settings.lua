-- settings.lua: globals declared at file level, and functions that set them
-- while the script is loaded.
limit = 10
message = "too many"

local function configure(values)
  for name, value in pairs(values) do
    if name == "limit" then
      limit = value
    end
  end
  extra = true
end

configure { limit = 20 }

local function over(n)
  return n > limit and extra
end

function rcpt(conn)
  conn.n = (conn.n or 0) + 1
  if over(conn.n) then
    return reject(452 + 100, "5.7.1", message)
  end
end
