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
