local function send(to)
  return session{ ip = "192.0.2.1" }:send{ to = to, headers = { { "Subject", "hello" } }, body = "text\n" }
end

describe("a copy", function()
  it("goes to the archive if a recipient is ours", function()
    expect(send{ "user@example.org" }):recipients{ "user@example.org", "archive@example.org" }
  end)

  it("goes there once", function()
    expect(send{ "archive@example.org" }):unchanged()
  end)

  it("does not go there otherwise", function()
    expect(send{ "user@example.net" }):unchanged()
  end)
end)
