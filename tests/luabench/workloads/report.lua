-- report: build 1000 lines, table.concat
local function run(n)
  local sum = 0
  for i = 1, n do
    local lines = {}
    for line = 1, 1000 do
      lines[line] = "recipient " .. line .. " of message " .. i % 2 .. " was refused"
    end
    sum = sum + #table.concat(lines, "\n")
  end
  return sum
end

return run
