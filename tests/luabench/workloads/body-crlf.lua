-- body-crlf: 64 KiB, gsub 624 CRLF to LF
local bodies = (...).bodies()

local function run(n)
  local sum = 0
  for i = 1, n do
    local text, count = bodies[i % 2 + 1]:gsub("\r\n", "\n")
    sum = sum + #text + count
  end
  return sum
end

return run
