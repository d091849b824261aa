-- Tests of rcpt_count.lua; run them with: luamilter test scripts

describe("rcpt_count", function()
  it("tells how many recipients a message had", function()
    local result = session():send{ to = { "a@example.com", "b@example.com", "c@example.com" } }
    expect(result):accepted():header("X-Rcpt-Count", 3)
    expect(result.changes):is{ "add X-Rcpt-Count: 3" }
  end)

  it("counts each message of a connection by itself", function()
    local t = session()
    t:send{ to = { "a@example.com", "b@example.com" } }
    expect(t:send{}):header("X-Rcpt-Count", 1)
  end)
end)
