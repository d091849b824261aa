local function try(client)
  local s = session(client)
  s:mail("sender@example.com")
  return s:rcpt("user@example.org")
end

describe("a client", function()
  it("is asked to come again", function()
    expect(try{ ip = "192.0.2.1" }):tempfailed("again in 5 minutes")
    advance("2m")
    expect(try{ ip = "192.0.2.1" }):tempfailed("again in 3 minutes")
  end)

  it("passes when it does, also from a neighbouring address, and afterwards", function()
    try{ ip = "192.0.2.1" }
    advance("5m")
    expect(try{ ip = "192.0.2.2" }):continued()
    advance("30d")
    expect(try{ ip = "192.0.2.1" }):continued()
  end)

  it("must begin again if it comes too late", function()
    try{ ip = "192.0.2.1" }
    advance("3d")
    expect(try{ ip = "192.0.2.1" }):tempfailed("4.7.1")
  end)

  it("never waits if it is allowed, or has logged in", function()
    expect(try{ ip = "198.51.100.7" }):continued()
    expect(try{ ip = "192.0.2.1", auth = "user@example.com" }):continued()
  end)

  it("passes while the store cannot be reached", function()
    outage("store")
    expect(try{ ip = "192.0.2.1" }):continued()
  end)
end)
