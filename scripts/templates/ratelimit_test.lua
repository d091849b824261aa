local function send(user)
  return session{ auth = user, settings = { rate = "60/h", burst = 2 } }:mail("sender@example.com")
end

describe("a user", function()
  it("can send the burst, and then as the rate allows", function()
    expect(send("user@example.com")):continued()
    expect(send("user@example.com")):continued()
    expect(send("user@example.com")):tempfailed("try again in 1 min")
    advance("1m")
    expect(send("user@example.com")):continued()
    expect(send("user@example.com")):tempfailed("4.7.1")
  end)

  it("is not held back by others", function()
    for _ = 1, 3 do send("user@example.com") end
    expect(send("other@example.com")):continued()
  end)
end)

describe("mail from outside", function()
  it("is not limited", function()
    for _ = 1, 5 do
      expect(session{ ip = "192.0.2.1", settings = { burst = 1 } }:mail("sender@example.com")):continued()
    end
  end)
end)
