-- functions_mt.lua: every function and every constant, with what is given to it wrongly; what it prints is compared as well.
dofile("common.lua")

-- Prints what a function returns or raises.
local function try(what, name, ...)
  local ok, value = pcall(mt[name], ...)
  if type(value) == "number" then value = string.format("%d", value) end
  mt.echo(what .. ": " .. tostring(ok) .. " " .. tostring(value))
end

local function list(t, pattern)
  local names = {}
  for name in pairs(t) do
    if name:find(pattern) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

conversation(function()
  mt.echo(table.concat(list(mt, "."), " "))
  for _, name in ipairs(list(_G, "^MT_")) do mt.echo(string.format("%s %d", name, _G[name])) end
  for _, name in ipairs(list(_G, "^SMFI[RCPF]_")) do mt.echo(string.format("%s %d", name, _G[name])) end

  for _, name in ipairs(list(mt, ".")) do
    if name ~= "getcwd" and name ~= "disconnect" then try("nothing given to " .. name, name) end
  end
  for _, name in ipairs { "abort", "data", "eoh", "eom", "getreply", "disconnect", "helo", "conninfo", "mailfrom" } do
    try("no connection given to " .. name, name, "conn", "x", "y")
  end
  try("a socket of no kind", "connect", "foo:bar")
  try("a port of no number", "connect", "inet:no-such-service-here@127.0.0.1")
  try("no filter", "signal", 15)
  try("a time that is none", "sleep", "soon")
  try("a moment", "sleep", 0.01)
  mt.set_timeout("20")

  local here = mt.getcwd()
  same("chdir", mt.chdir("/"), nil)
  same("getcwd", mt.getcwd(), "/")
  mt.chdir(here)

  local conn = mt.connect(socket, 3, 0.1)
  try("no reply yet", "getreply", conn)
  try("an action", "test_action", conn, SMFIF_ADDHDRS)
  try("another action", "test_action", conn, SMFIF_CHGFROM)
  try("an option", "test_option", conn, SMFIP_NOCONNECT)
  try("an address of no kind", "conninfo", conn, "client.example.com", "192.0.2")
  try("conninfo", "conninfo", conn, nil, "192.0.2.9")
  try("its reply", "getreply", conn)
  try("unknown", "unknown", conn, "XYZZY")
  try("unknown that is refused", "unknown", conn, "DISCARD")
  try("its reply", "getreply", conn)
  try("helo", "helo", conn, "client.example.com")
  try("macro without a value", "macro", conn, SMFIC_MAIL, "i")
  try("macro with one too many", "macro", conn, SMFIC_MAIL, "i", "ID", "{odd}")
  try("macro", "macro", conn, SMFIC_MAIL, "i", "ID", "{test}", "yes")
  try("mailfrom", "mailfrom", conn, "<one@example.org>", "SIZE=12", "RET=HDRS")
  try("rcptto that is refused", "rcptto", conn, "<refused@example.com>")
  try("its reply", "getreply", conn)
  try("rcptto", "rcptto", conn, "<a@example.com>", "NOTIFY=NEVER")
  try("data", "data", conn)
  try("header", "header", conn, "Subject", "hello")
  try("header of a number", "header", conn, "X-Number", 12)
  try("header", "header", conn, "X-Bad", "bad")
  try("eoh", "eoh", conn)
  try("bodystring", "bodystring", conn, "0123456789\r\n")
  try("bodyfile", "bodyfile", conn, "common.lua")
  try("eom", "eom", conn)
  try("its reply", "getreply", conn)

  for _, check in ipairs {
    { MT_HDRADD }, { MT_HDRADD, "X-Client" }, { MT_HDRADD, "X-Client", "test.example.com 192.0.2.9 inet" }, { MT_HDRADD, "x-client" },
    { MT_HDRADD, "X-Fields", "3" }, { MT_HDRADD, "X-Fields", 3 }, { MT_HDRADD, "X-Fields", "2" }, { MT_HDRADD, "X-Rcpts", "2" },
    { MT_HDRADD, "X-Macro", "yes" }, { MT_HDRADD, "X-Params", "SIZE=12 RET=HDRS" }, { MT_HDRADD, "X-Fields", "3", 1 }, { MT_HDRADD, {} },
    { MT_HDRINSERT }, { MT_HDRINSERT, "X-Top", "first", 0 }, { MT_HDRINSERT, "X-Top", "first", "0" }, { MT_HDRINSERT, "X-Top", "first", 1 },
    { MT_HDRINSERT, "X-Top", "second" }, { MT_HDRINSERT, "X-Client" }, { MT_HDRINSERT, "X-Top", "first", "x" },
    { MT_HDRCHANGE }, { MT_HDRCHANGE, "Subject" }, { MT_HDRCHANGE, "Subject", "changed" }, { MT_HDRCHANGE, "Subject", "hello" }, { MT_HDRCHANGE, "X-Bad" },
    { MT_HDRDELETE }, { MT_HDRDELETE, "X-Bad" }, { MT_HDRDELETE, "X-Bad", 1 }, { MT_HDRDELETE, "X-Bad", 2 }, { MT_HDRDELETE, "Subject" },
    { MT_RCPTADD }, { MT_RCPTADD, "a" }, { MT_RCPTDELETE }, { MT_RCPTDELETE, "a" }, { MT_RCPTDELETE, "a", "b" },
    { MT_BODYCHANGE }, { MT_BODYCHANGE, "a" }, { MT_BODYCHANGE, "a", "b" }, { MT_QUARANTINE }, { MT_QUARANTINE, "a" },
    { MT_SMTPREPLY }, { MT_SMTPREPLY, "550" }, { MT_SMTPREPLY, "550", "5.7.1", "text" }, { 0 }, { 10 }, { "x" },
  } do
    local given = {}
    for i, v in ipairs(check) do given[i] = type(v) == "number" and string.format("%d", v) or type(v) == "string" and v or type(v) end
    try("check " .. table.concat(given, " "), "eom_check", conn, table.unpack(check))
  end
  try("a field", "getheader", conn, "X-Macro", 0)
  try("a field that was inserted", "getheader", conn, "X-Top", 0)
  try("the second one of it", "getheader", conn, "X-Top", 1)
  try("a field of no name", "getheader", conn, nil, 1)
  try("what is forgotten", "abort", conn)
  try("what is not forgotten", "eom_check", conn, MT_HDRADD)
  try("mailfrom", "mailfrom", conn, "<two@example.org>")
  try("what is forgotten by it", "eom_check", conn, MT_HDRADD)
  try("the end of a message that has no more", "eom", conn)
  try("a field", "getheader", conn, "X-Bytes", 0)
  try("disconnect politely or not", "disconnect", conn, 1)
  try("disconnect", "disconnect", conn, true)

  conn = mt.connect(socket)
  try("negotiate", "negotiate", conn, 6, SMFIP_NOHELO, SMFIF_ADDHDRS + SMFIF_CHGHDRS)
  try("its reply", "getreply", conn)
  try("an option that was not offered", "test_option", conn, SMFIP_NOMAIL)
  try("an action that was not offered", "test_action", conn, SMFIF_CHGBODY)
  mt.disconnect(conn, false)

  try("the address of the host", "conninfo", mt.connect(socket), "localhost", nil)

  same("startfilter", mt.startfilter("/bin/sleep", "60"), nil)
  mt.sleep(0.2)
  same("signal", mt.signal(15), nil)
end)
