describe("a message", function()
  it("is told of if it is for the recipient", function()
    fake_outbox()
    local result = session():send{ from = "a@example.net", to = "Tickets@example.com", headers = { { "Subject", "help" } }, body = "text\n" }
    expect(result):unchanged()
    expect(#sent()):is(1)
    expect(sent()[1].url):is("https://hooks.example.com/mail")
    expect(sent()[1].body):has('"subject":"help"', '"sender":"a@example.net"')
  end)

  it("is no news if it is not", function()
    fake_outbox()
    session():send{ to = "other@example.com" }
    expect(#sent()):is(0)
  end)
end)
