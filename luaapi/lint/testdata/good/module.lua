-- module.lua: a file for require; the functions are for others to call.
local M = {}

function M.contains(list, wanted)
  for i, value in ipairs(list) do
    if value == wanted then
      return i
    end
  end
end

function M.domain(address)
  return address:match("@(.*)$")
end

return M
