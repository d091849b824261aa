local function send(body, settings)
  return session{ settings = settings }:send{ headers = { { "Subject", "hello" } }, body = body }
end

describe("a message", function()
  it("is refused if it is infected", function()
    fake_clamav{ ["evil"] = "Test.Virus" }
    expect(send("something evil\n")):rejected("infected with Test.Virus")
  end)

  it("passes if it is clean", function()
    fake_clamav{}
    expect(send("something good\n")):unchanged()
  end)

  it("is marked while clamd is away", function()
    fake_clamav(false)
    expect(send("anything\n")):accepted():header("X-Virus-Scan", "none")
  end)

  it("waits then, if that is wanted", function()
    fake_clamav(false)
    expect(send("anything\n", { unscanned = "tempfail" })):tempfailed("4.7.1")
  end)
end)
