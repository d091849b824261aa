local settings = { database = "sqlite:mail.db", domains = { "example.org" } }

describe("a recipient", function()
  local s

  before_each(function()
    fake_map("sqlite:mail.db", { ["one@example.org"] = true })
    s = session{ settings = settings }
    s:mail("sender@example.com")
  end)

  it("that the database has is taken", function()
    expect(s:rcpt("One@example.org")):continued()
  end)

  it("that it does not have is refused", function()
    expect(s:rcpt("two@example.org")):rejected("5.1.1")
  end)

  it("of another domain does not matter", function()
    expect(s:rcpt("two@example.net")):continued()
  end)
end)
