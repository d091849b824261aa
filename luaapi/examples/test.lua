Tests, at the level of the file and in it.

--- describe
describe("recipients", function()
  it("are counted", function()
    expect(session():send{ to = "a@example.org" }):header("X-Rcpt-Count", "1")
  end)
end)

--- it
it("counts recipients", function()
  expect(session():send{ to = "a@example.org" }):header("X-Rcpt-Count", "1")
end)

--- pending
pending("greylists new senders")

--- before_each
local s

before_each(function()
  s = session{ ip = "192.0.2.1" }
end)

it("takes the null sender", function()
  expect(s:mail("")):continued()
end)

--- after_each
local s

after_each(function()
  s:close()
end)

it("takes a sender", function()
  s = session()
  expect(s:mail("sender@example.com")):continued()
end)

--- session
local s = session{ ip = "198.51.100.7", auth = "user@example.org", settings = { refused = "@bad.example.com" } }
expect(s:mail("sender@bad.example.com")):rejected()

--- expect
expect(1 + 1):is(2)

--- advance
local before = os.time()
advance("1h")
expect(os.time() - before):is(3600)

--- fake_map
fake_map("sqlite:lists.db", { ["news@lists.example.org"] = "alice" })
local s = session()
s:mail("sender@example.com")
expect(s:rcpt("news@lists.example.org")):continued()
expect(s:rcpt("none@lists.example.org")):rejected("5.1.1")
--- outage
expect(session():mail("sender@example.com")):continued()
outage("store")
expect(session():mail("sender@example.com")):continued() -- this script needs none

--- fake_dns
fake_dns {
  ["example.com"] = { a = "192.0.2.1", mx = { host = "mx.example.com", preference = 10 } },
  ["192.0.2.1"] = { ptr = "example.com" },
  ["dnsbl.example.org"] = { listed = { ["192.0.2.1"] = "127.0.0.2" } },
  ["broken.example.com"] = { fails = "no answer in time" },
}
expect(session{ ip = "192.0.2.1" }:send{}):accepted()

--- fake_geo
fake_geo({ ["192.0.2.0/24"] = { country = "DE", asn = 64496 } })
expect(session({ ip = "192.0.2.1" }):send({})):accepted()

--- fake_http
fake_http({ ["https://api.example.com/"] = { status = 404 }, ["https://away.example.com/"] = false })
expect(session():send({})):accepted()

--- fake_clamav
fake_clamav({ ["eicar"] = "Eicar-Signature" })
expect(session():send({ body = "clean\n" })):accepted()

--- fake_rspamd
fake_rspamd({ action = "add header", score = 7, symbols = { BAYES_SPAM = { score = 5 } } })
expect(session():send({})):accepted()

--- fake_spamc
fake_spamc({ spam = true, score = 6, symbols = { "HTML_MESSAGE" } })
expect(session():send({})):accepted()

--- fake_socket
fake_socket({ ["127.0.0.1:10023"] = "action=DUNNO" })
expect(session():send({})):accepted()

--- fake_smtp
fake_smtp({ "user@example.com" })
expect(session():send({})):accepted()

--- fake_outbox
fake_outbox()
expect(session():send({})):accepted()

--- sent
fake_outbox()
session():send({})
expect(#sent()):is(0)
