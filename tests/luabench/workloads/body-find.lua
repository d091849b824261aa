-- body-find: 64 KiB, plain find of what is not there
local bodies = (...).bodies()

local function run(n)
  local sum = 0
  for i = 1, n do
    local at = bodies[i % 2 + 1]:find("EICAR-TEST", 1, true)
    sum = sum + (at or 1)
  end
  return sum
end

return run
