-- headers: 30 header fields, each lower, plain find, match an address
local headers = (...).headers()

local function run(n)
  local sum = 0
  for i = 1, n do
    for _, field in ipairs(headers[i % 2 + 1]) do
      local value = field.value
      if field.name:lower() == "subject" then
        sum = sum + 100
      end
      if value:lower():find("viagra", 1, true) then
        sum = sum + 10000
      end
      local user, domain = value:match("<([^<>@]+)@([^<>]+)>")
      if user then
        sum = sum + #user * #domain
      end
    end
  end
  return sum
end

return run
