describe("a connection", function()
  it("brings only so many messages", function()
    local s = session{ ip = "192.0.2.1", settings = { messages = 1 } }
    expect(s:mail("sender@example.com")):continued()
    s:abort()
    expect(s:mail("sender@example.com")):tempfailed()
  end)

  it("brings only so many recipients", function()
    local s = session{ ip = "192.0.2.1", settings = { recipients = 1 } }
    s:mail("sender@example.com")
    expect(s:rcpt("a@example.org")):continued()
    expect(s:rcpt("b@example.org")):tempfailed()
  end)
end)
