-- recipients: 1000 addresses, match the domain, count in a table
local lists = (...).recipients()

local function run(n)
  local sum = 0
  for i = 1, n do
    local count = {}
    for _, address in ipairs(lists[i % 2 + 1]) do
      local domain = address:match("@([^>]+)>")
      count[domain] = (count[domain] or 0) + 1
    end
    sum = sum + count["site1.example"] * 1000 + count["site20.example"]
  end
  return sum
end

return run
