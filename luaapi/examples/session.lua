Steps of a session.

--- connect
expect(session{ ip = "192.0.2.1" }:connect()):continued()

--- helo
expect(session():helo("mail.example.com")):continued()

--- mail
expect(session():mail("sender@spam.example.com", "SIZE=100")):rejected("5.7.1")

--- rcpt
local s = session()
s:mail("sender@example.com")
expect(s:rcpt("busy@example.org")):tempfailed("try again later")

--- data
local s = session()
s:mail("sender@example.com")
s:rcpt("a@example.org")
expect(s:data()):continued()

--- header
local s = session()
s:mail("sender@example.com")
s:rcpt("a@example.org")
expect(s:header("X-Drop", "yes")):discarded()

--- eoh
local s = session()
s:mail("sender@example.com")
s:rcpt("a@example.org")
s:header("Subject", "hello")
expect(s:eoh()):continued()

--- body
local s = session()
s:mail("sender@example.com")
s:rcpt("a@example.org")
expect(s:body("that is enough\r\n")):skipped()

--- eom
local s = session()
s:mail("sender@example.com")
s:rcpt("a@example.org")
expect(s:eom()):accepted():header("X-Rcpt-Count", "1")

--- unknown
expect(session():unknown("NONSENSE")):continued()

--- abort
local s = session()
s:mail("sender@example.com")
s:abort()
expect(s:mail("other@example.com")):continued()

--- close
local s = session()
s:send{ to = "a@example.org" }
s:close()
expect(s):logged("passed")

--- send
local result = session():send{
  from = "sender@example.com", to = { "a@example.org", "b@example.org" },
  headers = { { "Subject", "hello" } }, body = "text\n",
}
expect(result):accepted():header("X-Rcpt-Count", "2")
