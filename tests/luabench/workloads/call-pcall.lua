-- call-pcall: 1000 pcall of an empty function
local function nothing() end

local function run(n)
  local sum = 0
  for _ = 1, n do
    for _ = 1, 1000 do
      if pcall(nothing) then
        sum = sum + 1
      end
    end
  end
  return sum
end

return run
