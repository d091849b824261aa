-- headers: 30 header fields, each lower, match, plain find
local headers = (...).headers()

local function run(n)
  local sum = 0
  for i = 1, n do
    for _, field in ipairs(headers[i % 2 + 1]) do
      local name, value = field.name:lower(), field.value
      local first = value:match("^%s*(%S+)")
      sum = sum + #first
      if name == "subject" then
        sum = sum + 100
      end
      if value:find("Viagra", 1, true) then
        sum = sum + 10000
      end
    end
  end
  return sum
end

return run
