describe("the script", function()
  it("marks a message", function()
    local s = session{ ip = "192.0.2.1" }
    local r = s:send{ from = "sender@example.com", to = { "user@example.org" }, headers = { { "Subject", "hello" } }, body = "text\n" }
    expect(r):continued()
    expect(r):header("X-Filtered", "yes")
  end)
end)
