-- reject_header.lua: refuse messages by what is in their header.
--
-- Patterns are Lua's (https://www.lua.org/manual/5.1/manual.html#5.4.1), compared with the decoded value in small letters.

local RULES = {
  { field = "Subject", pattern = "cheap%s+watches", reply = "this subject is not accepted here" },
  { field = "X-Mailer", pattern = "^bulk sender", reply = "this program may not send mail here" },
}

function eoh(conn, headers)
  for _, rule in ipairs(RULES) do
    for _, field in headers:each(rule.field) do
      if field.decoded:lower():find(rule.pattern) then
        log.info("refused by a header", { field = rule.field, pattern = rule.pattern })
        return reject("5.7.1", rule.reply)
      end
    end
  end
end
