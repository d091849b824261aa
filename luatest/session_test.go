package luatest

import "testing"

func TestClients(t *testing.T) {
	passes(t, `
function mail(conn, sender, params)
  log.info("client", { ip = conn.ip, port = conn.port, host = conn.host, helo = conn.helo, family = conn.family, mta = conn.mta, daemon = conn.daemon,
    user = conn.auth and conn.auth.user, type = conn.auth and conn.auth.type, author = conn.auth and conn.auth.author,
    tls = conn.tls and conn.tls.version, bits = conn.tls and conn.tls.bits, subject = conn.tls and conn.tls.subject,
    site = conn.macros.site, sender = sender, size = params.SIZE, queue = conn.queue_id })
end
function eom(conn) log.info("queue " .. conn.queue_id) end`, `
local function client(options)
  local t = session(options)
  t:mail("a@example.com", { "SIZE=7", "BODY=8BITMIME" })
  return expect(t)
end

it("is like this by default", function()
  client():logged("ip=192.0.2.1"):logged("port=50000"):logged("host=client.example.com"):logged("helo=client.example.com"):logged("family=inet")
  client():logged("mta=postfix 3"):logged("daemon=smtpd"):logged("sender=a@example.com"):logged("size=7")
end)

it("can be any other", function()
  local all = client{ ip = "2001:db8::7", port = 7, host = "", helo = "x", mta = "sendmail", auth = { user = "joe", type = "LOGIN", author = "jim" },
    tls = { version = "TLSv1.2", bits = "128", subject = "/CN=joe" }, macros = { site = "north" } }
  all:logged("ip=2001:db8::7"):logged("port=7"):logged("host=[2001:db8::7]"):logged("helo=x"):logged("family=inet6"):logged("mta=sendmail 8.17.1")
  all:logged("user=joe"):logged("type=LOGIN"):logged("author=jim"):logged("tls=TLSv1.2"):logged("bits=128"):logged("subject=/CN=joe"):logged("site=north")
end)

it("logs in with a name alone, and encrypts with true", function()
  client{ auth = "joe", tls = true }:logged("user=joe"):logged("type=PLAIN"):logged("tls=TLSv1.3")
end)

it("has no address", function() client{ ip = "" }:logged("family=unknown") end)

it("gets the queue id that the test wants", function()
  expect(session():send{ queue_id = "4ABC" }):logged("queue 4ABC")
end)`)
}

func TestSteps(t *testing.T) {
	passes(t, `
local function note(conn, ...) log.info(conn.stage, { what = table.concat({ ... }, " ") }) end
function connect(conn) note(conn) end
function helo(conn, name) note(conn, name) end
function mail(conn, sender) note(conn, sender) if sender == "bad@example.com" then return reject end if sender == "good@example.com" then return accept end end
function rcpt(conn, r) note(conn, r) end
function data(conn) note(conn) end
function header(conn, name, value) note(conn, name, value) end
function eoh(conn, headers) note(conn, #headers) end
function body(conn, chunk) note(conn, #chunk) end
function unknown(conn, command) note(conn, command) end
function abort(conn) note(conn) end
function close(conn) note(conn) end`, `
it("fills in what must come before", function()
  local t = session()
  t:mail("a@example.com")
  t:rcpt("b@example.com")
  t:body("one\r\n")
  t:body("two\r\n")
  expect(t:eom()):accepted():body("one\ntwo")
  for _, step in ipairs{ "connect", "helo what=client.example.com", "mail what=a@example.com", "rcpt what=b@example.com", "data", "eoh what=0", "body what=5" } do
    expect(t):logged(step)
  end
end)

it("takes them one by one", function()
  local t = session()
  for _, r in ipairs{ t:connect(), t:helo("x"), t:mail("a@example.com"), t:rcpt("<b@example.com>"), t:data(), t:header("A", "1\n 2"), t:eoh(), t:unknown("WHAT") } do
    expect(r):continued()
  end
  expect(t:eom()):header("A", "1\n 2"):body("")
  t:mail("c@example.com")
  t:abort()
  t:mail("d@example.com")
  t:close()
  expect(t):logged("helo what=x"):logged("rcpt what=b@example.com"):logged("unknown what=WHAT"):logged("abort"):logged("close")
end)

it("keeps a verdict", function()
  local t = session()
  expect(t:mail("bad@example.com")):rejected()
  expect(t:rcpt("b@example.com")):rejected()
  expect(t:eom()):rejected()
  expect(t:send{ from = "good@example.com", headers = { "A: 1" } }):accepted():header("A", 1)
  t:mail("good@example.com")
  t:rcpt("b@example.com")
  t:header("A", 2)
  expect(t:eom()):accepted():header("A", 2)
end)`)
}

// TestEditsAreTheSameOnBothMTAs plays edits of all kinds to both.
func TestEditsAreTheSameOnBothMTAs(t *testing.T) {
	passes(t, `
function eom(conn, msg)
  msg:prepend_header("Top", 1)
  msg:insert_header(4, "Middle", 1)
  msg:change_header("Subject", "new")
  msg:delete_header("Gone")
  msg:add_header("Twice", 2)
  msg:add_header("End", 1)
  msg:change_sender("new@example.com")
  msg:add_recipient("more@example.com")
  msg:delete_recipient("recipient@example.com")
  msg:replace_body("other\n")
  msg:quarantine("to be looked at")
end`, `
for _, mta in ipairs{ "postfix", "sendmail" } do
  it("on " .. mta, function()
    local r = session{ mta = mta }:send{ headers = { "From: a@example.com", "Date: x", "Message-Id: <1@example.com>", "Subject: old", "Gone: 1", "Twice: 1", "Gone: 2" }, body = "one" }
    local names = {}
    for i, field in ipairs(r.message.headers) do
      names[i] = field.name .. "=" .. field.value
    end
    expect(table.concat(names, " ")):is("Top=1 From=a@example.com Date=x Middle=1 Message-Id=<1@example.com> Subject=new Twice=1 Twice=2 End=1")
    expect(r):accepted():body("other"):sender("new@example.com"):recipients("more@example.com"):quarantined("looked at")
  end)
end`)
}
