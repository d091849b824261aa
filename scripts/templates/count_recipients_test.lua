describe("recipients", function()
  it("are counted", function()
    local s = session{ ip = "192.0.2.1" }
    local r = s:send{ to = { "a@example.org", "b@example.org" }, headers = { { "Subject", "hello" } }, body = "text\n" }
    expect(r):continued()
    expect(r):header("X-Rcpt-Count", "2")
  end)

  it("are limited", function()
    local s = session{ ip = "192.0.2.1", settings = { max = 1 } }
    local r = s:send{ to = { "a@example.org", "b@example.org" }, headers = { { "Subject", "hello" } }, body = "text\n" }
    expect(r):header("X-Rcpt-Count", "1")
    expect(r):recipients{ "a@example.org" }
  end)
end)
