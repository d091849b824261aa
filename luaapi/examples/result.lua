What a step or a message came to.

--- verdict
local result = session():mail("sender@spam.example.com")
expect(result.verdict):is("reject")
expect(result.code):is(550)
expect(result.text):has("not accepted")

--- changes
local result = session():send{ to = "a@example.org" }
expect(result.changes):is{ "add X-Rcpt-Count: 1" }
