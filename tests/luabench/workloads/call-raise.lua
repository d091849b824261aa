-- call-raise: 1000 pcall of a function that raises
local function refuse()
  error("refused")
end

local function run(n)
  local sum = 0
  for _ = 1, n do
    for _ = 1, 1000 do
      local good, why = pcall(refuse)
      if not good and type(why) == "string" then
        sum = sum + 1
      end
    end
  end
  return sum
end

return run
