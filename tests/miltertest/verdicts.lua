-- verdicts.lua: does with each stage what the client's words ask for.

local verdicts = {
  accept = accept, reject = reject, tempfail = tempfail, discard = discard, skip = skip, continue = continue,
  text = reject("5.7.0", "go away"),
  later = tempfail("come back\nin an hour"),
}

local function wish(text) return verdicts[text:match("^<?(%a+)@") or text] end

function connect(conn) return wish(conn.host) end
function helo(conn, name) return wish(name) end
function mail(conn, sender) return wish(sender) end
function rcpt(conn, recipient) return wish(recipient) end
function unknown(conn, command) return wish(command) end

function header(conn, name, value)
  if name == "Do" then return wish(value) end
end

function body(conn, chunk) return wish(chunk) end

function eom(conn, msg)
  msg:add_header("X-Recipients", table.concat(msg.recipients, " "))
  return wish(msg.headers:get("At-End") or "continue")
end
