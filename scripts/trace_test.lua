-- Tests of trace.lua.

describe("trace", function()
  it("logs every stage with its arguments, and changes nothing", function()
    local t = session()
    local result = t:send{ to = "a@example.com", headers = { { "Subject", ("long "):rep(100) } }, body = "hello" }
    expect(result):accepted():unchanged()
    t:unknown("NONSENSE")
    t:mail("")
    t:close()
    expect(t):logged("trace connect"):logged("ip=192.0.2.1"):logged("trace helo"):logged("trace mail"):logged("sender=sender@example.com")
    expect(t):logged("trace rcpt"):logged("recipient=a@example.com"):logged("trace data"):logged("trace header"):logged("(500 bytes)")
    expect(t):logged("trace eoh"):logged("trace body"):logged("trace eom"):logged('recipients=["a@example.com"]')
    expect(t):logged("trace unknown"):logged("command=NONSENSE"):logged("trace abort"):logged("trace close")
  end)
end)
