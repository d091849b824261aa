local message = { headers = { { "Subject", "hello" }, { "X-Origin", "internal" } }, body = "text\n" }

describe("the mark", function()
  it("is external for a client from outside, whatever it writes itself", function()
    expect(session{ ip = "192.0.2.1" }:send(message)):header("X-Origin", "external")
  end)

  it("is internal for our own hosts", function()
    expect(session{ ip = "127.0.0.1" }:send(message)):header("X-Origin", "internal")
  end)
end)
