-- Tests of headers.lua.

local ORIGIN = "external; client=192.0.2.1"

describe("headers: mail from outside", function()
  it("is marked in the subject, and tells where it came from", function()
    local result = session():send{ headers = { "Subject: hello" } }
    expect(result):accepted():header("Subject", "[external] hello"):header("X-Origin", ORIGIN)
    expect(result.message.headers[1].name):is("X-Origin")
  end)

  it("is marked once", function()
    expect(session():send{ headers = { "Subject: [external] hello" } }):header("Subject", "[external] hello")
  end)

  it("gets a subject if it has none", function()
    expect(session():send{ headers = { "From: a@example.com" } }):header("Subject", "[external]")
  end)

  it("is not marked again in the answer to a marked one, whatever its encoding", function()
    local subject = "=?utf-8?q?Re=3A_=5Bexternal=5D_hello?="
    expect(session():send{ headers = { { "Subject", subject } } }):header("Subject", subject)
  end)

  it("loses headers that only we may set", function()
    local result = session():send{ headers = {
      "X-Spam-Flag: NO", "Subject: [external] x", "x-spam-flag: NO", "X-Spam-Status: No", "X-Origin: internal",
    } }
    expect(result):no_header("X-Spam-Flag"):no_header("X-Spam-Status"):header("X-Origin", ORIGIN)
    expect(result.message.headers):is{ { name = "X-Origin", value = ORIGIN }, { name = "Subject", value = "[external] x" } }
    expect(result):logged("removed a forged header name=X-Spam-Flag"):logged("name=X-Origin")
  end)
end)

describe("headers: mail that is ours", function()
  local message = { headers = { "Subject: hello", "X-Origin: internal" } }

  for _, ip in ipairs{ "127.0.0.1", "::1" } do
    it("is left as it is from " .. ip, function()
      expect(session{ ip = ip }:send(message)):accepted():unchanged()
    end)
  end

  it("is left as it is from a client that has logged in", function()
    expect(session{ auth = "user@example.com" }:send(message)):accepted():unchanged()
  end)
end)
