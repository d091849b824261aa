-- Tests of block_token.lua.

local TOKEN = "BLOCK-THIS-MESSAGE"

-- Sends a body in chunks, and returns the result, and at which chunk the script had seen enough.
local function chunks(list)
  local t, enough = session(), nil
  t:mail("sender@example.com")
  t:rcpt("recipient@example.com")
  t:header("Subject", "x")
  for i, chunk in ipairs(list) do
    local step = t:body(chunk)
    if not enough and step.verdict == "skip" then
      enough = i
    end
  end
  return t:eom(), enough
end

local function bytes(text)
  local list = {}
  for i = 1, #text do
    list[i] = text:sub(i, i)
  end
  return list
end

describe("block_token", function()
  local refused = {
    { "whole", { "say " .. TOKEN .. " now\r\n" }, 1 },
    { "across two chunks", { "say BLOCK-THI", "S-MESSAGE now\r\n" }, 2 },
    { "a byte at a time", bytes(TOKEN), #TOKEN },
  }
  for _, case in ipairs(refused) do
    it("refuses the text " .. case[1], function()
      local result, enough = chunks(case[2])
      expect(result):rejected("5.7.1")
      expect(enough):is(case[3])
    end)
  end

  local taken = {
    { "another text", { "hello\r\n" } },
    { "no body", {} },
    { "nearly the text", { "BLOCK-THIS", "MESSAGE\r\n" } },
  }
  for _, case in ipairs(taken) do
    it("takes " .. case[1], function()
      local result, enough = chunks(case[2])
      expect(result):accepted():unchanged()
      expect(enough):is_nil()
    end)
  end
end)
