local function send(from, subject)
  return session{ ip = "192.0.2.1" }:send{ from = from, headers = { { "Subject", subject } }, body = "text\n" }
end

describe("the subject", function()
  it("is marked if the sender is elsewhere", function()
    expect(send("sender@example.net", "hello")):header("Subject", "[external] hello")
  end)

  it("is marked once", function()
    expect(send("sender@example.net", "Re: [external] hello")):unchanged()
  end)

  it("stays as it is if the sender is ours", function()
    expect(send("sender@Example.com", "hello")):unchanged()
  end)
end)
