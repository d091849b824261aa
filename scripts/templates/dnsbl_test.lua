-- Without a fake, a lookup would be an error: nobody is asked here.
describe("a client", function()
  it("that is allowed is not looked up", function()
    local s = session{ ip = "192.0.2.1", settings = { allow = { "192.0.2." } } }
    s:mail("sender@example.com")
    expect(s:rcpt("a@example.org")):continued()
  end)

  it("that logged in is not looked up", function()
    local s = session{ ip = "192.0.2.1", auth = "user@example.com" }
    s:mail("user@example.com")
    expect(s:rcpt("a@example.org")):continued()
  end)

  it("may write to the postmaster", function()
    local s = session{ ip = "192.0.2.1" }
    s:mail("sender@example.com")
    expect(s:rcpt("Postmaster@example.org")):continued()
  end)
end)
