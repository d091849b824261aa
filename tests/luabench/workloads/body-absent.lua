-- body-absent: 64 KiB, find a pattern that is not there
local bodies = (...).bodies()

local function run(n)
  local sum = 0
  for i = 1, n do
    local at = bodies[i % 2 + 1]:find("unsubscribe%-%d+")
    sum = sum + (at or 1)
  end
  return sum
end

return run
