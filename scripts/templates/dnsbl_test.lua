-- What a client with an address gets for a recipient.
local function try(options, recipient)
  local s = session(options)
  s:mail("sender@example.com")
  return s:rcpt(recipient or "a@example.org")
end

describe("a client on a list", function()
  before_each(function()
    fake_dns { ["dnsbl.example.org"] = { listed = { ["192.0.2.1"] = "127.0.0.2", ["2001:db8::1"] = "127.0.0.2" } } }
  end)

  it("is refused", function()
    expect(try{ ip = "192.0.2.1" }):rejected("192.0.2.1 is listed at dnsbl.example.org")
    expect(try{ ip = "2001:db8::1" }):rejected("5.7.1")
  end)

  it("is taken if it is allowed, logged in, or writes to the postmaster", function()
    expect(try{ ip = "192.0.2.1", settings = { allow = { "192.0.2.1" } } }):continued()
    expect(try{ ip = "192.0.2.1", settings = { allow = { "192.0.2." } } }):continued()
    expect(try{ ip = "192.0.2.1", auth = "user@example.com" }):continued()
    expect(try({ ip = "192.0.2.1" }, "Postmaster@example.org")):continued()
  end)

  it("is not allowed because another one is", function()
    expect(try{ ip = "192.0.2.1", settings = { allow = { "192.0.2.10", "192.0.2" } } }):rejected()
  end)
end)

describe("mail passes", function()
  it("from others", function()
    fake_dns {}
    expect(try{ ip = "192.0.2.2" }):continued()
    expect(try{ ip = "" }):continued()
  end)

  it("when a list does not answer", function()
    fake_dns { ["2.2.0.192.dnsbl.example.org"] = { fails = "no answer in time" } }
    local s = session{ ip = "192.0.2.2" }
    s:mail("sender@example.com")
    expect(s:rcpt("a@example.org")):continued()
    expect(s:rcpt("b@example.org")):continued()
    expect(s):logged("not all lists answer")
  end)
end)
