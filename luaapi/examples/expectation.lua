What is expected.

--- is
expect({ "a", size = 1 }):is{ "a", size = 1 }

--- is_nil
expect(session():mail("sender@example.com").code):is_nil()

--- matches
expect("X-Rcpt-Count: 3"):matches("^X%-.*: %d$")

--- has
expect("not accepted here"):has("accepted")
expect({ "a", "b" }):has("a", "b")

--- raises
expect(function() error("no list") end):raises("no list")

--- continued
expect(session():mail("sender@example.com")):continued()

--- accepted
expect(session():send{ to = "a@example.org" }):accepted()

--- rejected
expect(session():send{ from = "sender@spam.example.com" }):rejected("5.7.1")

--- tempfailed
local s = session()
s:mail("sender@example.com")
expect(s:rcpt("busy@example.org")):tempfailed(451)

--- discarded
expect(session():send{ headers = { "X-Drop: yes" } }):discarded()

--- skipped
local s = session()
s:mail("sender@example.com")
s:rcpt("a@example.org")
expect(s:body("enough")):skipped()

--- header
expect(session():send{ to = "a@example.org" }):header("X-Rcpt-Count", "1")

--- no_header
expect(session():send{ to = "a@example.org" }):no_header("X-Spam-Flag")

--- body
expect(session():send{ body = "text\n" }):body("text")

--- recipients
expect(session():send{ to = { "a@example.org", "b@example.org" } }):recipients{ "b@example.org", "a@example.org" }

--- sender
expect(session():send{ from = "sender@example.com" }):sender("sender@example.com")

--- quarantined
expect(session():send{ headers = { "X-Hold: yes" } }):quarantined("asks for it")

--- unchanged
expect(session():send{ headers = { "X-Rcpt-Count: 1" } }):unchanged()

--- logged
local s = session()
s:send{ to = "a@example.org" }
expect(s):logged("recipients=1")

--- metric
local s = session()
s:send{ to = "a@example.org" }
expect(s):metric("messages", 1, { kind = "plain" })
