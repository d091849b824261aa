-- driver.lua: the lua5.1 end of oracle_test.go. It reads requests from its input and answers on its output:
--
--   request   the length of a chunk, the length of its argument, LF, the chunk, the argument
--   answer    "ok" or "error", the length of a text, LF, the text
--
-- A chunk is a function body that gets the argument as "..." and returns the text. It is compiled once.
local chunks = {}

local function run(source, argument)
  local chunk = chunks[source]
  if not chunk then
    local message
    chunk, message = loadstring(source, "=chunk")
    if not chunk then return false, message end
    chunks[source] = chunk
  end
  return pcall(chunk, argument)
end

local function read(n)
  if n == 0 then return "" end
  return io.read(n)
end

for line in io.lines() do
  local m, n = line:match("^(%d+) (%d+)$")
  local source, argument = read(tonumber(m)), read(tonumber(n))
  local ok, text = run(source, argument)
  text = tostring(text)
  io.write(ok and "ok" or "error", " ", #text, "\n", text)
  io.flush()
end
