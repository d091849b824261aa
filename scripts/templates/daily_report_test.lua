local base64 = require "base64"

-- what a notice says
local function text(notice)
  return base64.decode(notice.content:match("\r\n\r\n(.*)$"), { lenient = true })
end

describe("the report", function()
  it("has the messages of the day before", function()
    fake_outbox()
    for _ = 1, 3 do
      session():send{ body = "12345678\n" }
    end
    advance("11h")
    expect(#sent()):is(0)
    advance("1h")
    expect(#sent()):is(1)
    expect(sent()[1].to):has("postmaster@example.com")
    expect(sent()[1].content):has("Subject: Mail of 2026-01-05")
    expect(text(sent()[1])):has("3 messages, 30 bytes")
  end)

  it("begins anew each day", function()
    fake_outbox()
    session():send{}
    advance("1d")
    session():send{}
    advance("1d")
    expect(#sent()):is(2)
    expect(sent()[2].content):has("Mail of 2026-01-06")
    expect(text(sent()[2])):has("1 messages")
  end)
end)
