-- random_mt.lua: random bodies are as long as they have to be.
dofile("common.lua")

conversation(function()
  local conn = open()
  for _, size in ipairs { 1, 100, 100000 } do
    same("mailfrom", mt.mailfrom(conn, "<one@example.org>"), nil)
    same("bodyrandom", mt.bodyrandom(conn, size), nil)
    step(conn, "CONTINUE", "eom")
    local bytes = tonumber(mt.getheader(conn, "X-Bytes", 0))
    if bytes < size then error(bytes .. " bytes came, at least " .. size .. " expected") end
  end
  mt.disconnect(conn)
end)
