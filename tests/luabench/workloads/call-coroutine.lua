-- call-coroutine: 1000 coroutines, create, resume, yield
local function work(number)
  coroutine.yield(number + 1)
end

local function run(n)
  local sum = 0
  for _ = 1, n do
    for i = 1, 1000 do
      local good, number = coroutine.resume(coroutine.create(work), i)
      if good then
        sum = sum + number
      end
    end
  end
  return sum
end

return run
