local function send(subject)
  return session{ ip = "192.0.2.1" }:send{ headers = { { "Subject", subject } }, body = "text\n" }
end

describe("the subject", function()
  it("is refused if it matches", function()
    expect(send("CHEAP  watches")):rejected("this subject is not accepted here")
  end)

  it("is refused if it matches when it is decoded", function()
    expect(send("=?utf-8?q?cheap_watches?=")):rejected("5.7.1")
  end)

  it("is taken otherwise", function()
    expect(send("a watch")):unchanged()
  end)
end)
