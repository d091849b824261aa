-- bench.lua: the workloads of bench_test.go, in microseconds. Run it with lua5.1.
local function header_lines()
  local lines = {}
  for i = 0, 29 do
    lines[#lines + 1] = ("X-Header-%d: from mail%d.example.com (HELO host) by mx.example.org; id %08d"):format(i, i, i * 7919)
  end
  return lines
end

local function body_text()
  local t, size, i = {}, 0, 0
  while size < 65536 do
    t[#t + 1] = ("This is line %d of the body, see http://www.example%d.com/path/%d?q=1 for more of it.\r\n"):format(i, i % 100, i)
    size, i = size + #t[#t], i + 1
  end
  return table.concat(t):sub(1, 65536)
end

local function bench(name, f)
  f()
  local n, start = 0, os.clock()
  repeat
    f()
    n = n + 1
  until os.clock() - start > 0.5
  print(("%-32s %10.2f us"):format(name, (os.clock() - start) / n * 1e6))
end

local lines, body, addresses = header_lines(), body_text(), {}
for i = 0, 999 do addresses[#addresses + 1] = ("user%d@host%d.example.com"):format(i, i % 37) end

local function gmatch(pattern)
  return function() for _ in body:gmatch(pattern) do end end
end

local function absent(pattern)
  return function() if body:find(pattern) then error("found") end end
end

bench("Headers30MatchFind", function()
  for _, line in ipairs(lines) do
    local _ = line:match("^([%w-]+):%s*(.-)%s*$"), line:find("mail(%d+)%.example"), line:match("id (%d+)$")
  end
end)
bench("Addresses1000MatchDomain", function() for _, a in ipairs(addresses) do a:match("@([%w.-]+)$") end end)
bench("Body64KiBCollectURLs", gmatch("https?://[%w%.%-/%?=&]+"))
bench("Body64KiBGmatchLines", gmatch("[^\r\n]+"))
bench("Body64KiBGmatchWords", gmatch("%a+"))
bench("Body64KiBPatternAbsent", absent("viagra%d+"))
bench("Body64KiBClassAbsent", absent("[%w._-]+@[%w.-]+"))
bench("Body64KiBAnyAbsent", absent("[vV][iI]agra.-pill"))
bench("Body64KiBPlainAbsent", absent("viagra pills"))
bench("Body64KiBGsubCRLF", function() body:gsub("\r\n", "\n") end)
bench("Body64KiBGsubCapture", function() body:gsub("(%a+)(%d+)", "%2-%1") end)
bench("Trim", function() return ("   the quick brown fox jumps over the lazy dog, twice a day  "):match("^%s*(.-)%s*$") end)
