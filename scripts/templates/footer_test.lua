local message = { headers = { { "Subject", "hello" } }, body = "text\n" }

describe("the footer", function()
  it("is added to what a user sends", function()
    local r = session{ auth = "user@example.com" }:send(message)
    expect(r):body("text\n\nExample Ltd., 1 Example Street\n")
  end)

  it("is not added to mail from outside", function()
    expect(session{ ip = "192.0.2.1" }:send(message)):unchanged()
  end)
end)
