-- rspamdmap.lua: for rspamd: looks the keys of a file up in a map, and writes how much memory the map takes in MiB, the seconds, and how many are in it.

local util = require "rspamd_util"

local function memory()
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^VmRSS:%s+(%d+)")
    if kib then return tonumber(kib) / 1024 end
  end
end

local before = memory()
local map = rspamd_config:add_map{ url = "MAP", type = "TYPE", description = "lookups" }

rspamd_config:add_on_load(function(_, _, worker)
  if worker:get_name() ~= "normal" then return end
  local mib = memory() - before
  local keys, n = {}, 0
  for key in io.lines("KEYS") do
    n = n + 1
    keys[n] = key
  end
  local hits, begin = 0, util.get_time()
  for i = 1, n do
    if map:get_key(keys[i]) then hits = hits + 1 end
  end
  local took = util.get_time() - begin
  local out = assert(io.open("FOLDER/result.new", "w"))
  out:write(string.format("%.3f %.9f %d\n", mib, took, hits))
  out:close()
  os.rename("FOLDER/result.new", "FOLDER/result")
end)
