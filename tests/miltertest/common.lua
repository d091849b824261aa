-- common.lua: what every conversation needs. miltertest ends without a word when a script fails, so failures are told here.

local names = {}
for _, name in ipairs { "CONTINUE", "ACCEPT", "REJECT", "TEMPFAIL", "DISCARD", "REPLYCODE", "SKIP" } do
  names[_G["SMFIR_" .. name]] = name
end

-- Fails unless two values are equal.
function same(what, got, want)
  if got ~= want then error(what .. ": got " .. tostring(got) .. ", want " .. tostring(want), 2) end
end

-- Fails unless the last reply was the one of that name.
function reply(conn, what, want)
  local got = mt.getreply(conn)
  same("reply to " .. what, names[got] or string.char(got), want)
end

-- Takes a step of a conversation and checks the reply.
function step(conn, want, name, ...)
  same(name, mt[name](conn, ...), nil)
  reply(conn, name, want)
end

-- Fails unless the end of the message brought a change.
function changed(conn, what, ...)
  if not mt.eom_check(conn, what, ...) then
    error("missing change: " .. table.concat({ ... }, " "), 2)
  end
end

-- Fails if the end of the message brought a change.
function unchanged(conn, what, ...)
  if mt.eom_check(conn, what, ...) then
    error("unwanted change: " .. table.concat({ ... }, " "), 2)
  end
end

-- Opens a connection and negotiates, so that what fails there shows there.
function open()
  local conn = mt.connect(socket)
  if conn == nil then error("cannot connect to " .. socket, 2) end
  same("negotiate", mt.negotiate(conn, nil, nil, nil), nil)
  return conn
end

-- Runs a conversation and tells what went wrong in it.
function conversation(run)
  mt.set_timeout(20)
  local ok, err = pcall(run)
  if not ok then
    mt.echo("failed: " .. tostring(err))
    error(err, 0)
  end
end
