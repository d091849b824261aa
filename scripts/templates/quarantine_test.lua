local function send(from)
  return session{ ip = "192.0.2.1" }:send{ headers = { { "From", from }, { "Subject", "hello" } }, body = "text\n" }
end

describe("a message", function()
  it("is held if the name in From is an address of ours", function()
    expect(send('"boss@example.com" <sender@example.net>')):quarantined("the name in From is an address of ours")
  end)

  it("passes if the address is that too", function()
    expect(send('"boss@example.com" <boss@example.com>')):unchanged()
  end)
end)
