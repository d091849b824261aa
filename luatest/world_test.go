package luatest

import "testing"

const limiting = `
local store = require "store"
function mail(conn, sender)
  local n, why = store.incr(sender, 1, "1h")
  if not n then return tempfail("4.3.0", why) end
  if n > 2 then return reject("5.7.1", "too much") end
end`

func TestStoresBeginEmpty(t *testing.T) {
	const twice = `
  expect(session():mail("a@example.com")):continued()
  expect(session():mail("a@example.com")):continued()
  expect(session():mail("b@example.com")):continued()
  expect(session():mail("a@example.com")):rejected()
`
	passes(t, limiting, `
it("one", function()`+twice+`end)
it("another, with the same addresses", function()`+twice+`
  advance("59m")
  expect(session():mail("a@example.com")):rejected()
  advance("1m")
  expect(session():mail("a@example.com")):continued()
end)`)
}

func TestOutage(t *testing.T) {
	passes(t, limiting, `
it("has the store fail", function()
  expect(session():mail("a@example.com")):continued()
  outage("store")
  expect(session():mail("a@example.com")):tempfailed("cannot be reached")
end)
it("ends with the test", function() expect(session():mail("a@example.com")):continued() end)`)
	fails(t, limiting, `outage("stor")`, `there is no service "stor"; did you mean store?`)
	fails(t, limiting, `outage(1)`, `outage: service is a number; a string was expected`)
}
