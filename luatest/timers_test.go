package luatest

import "testing"

const timed = `
local timer, store, time = require "timer", require "store", require "time"
local cfg = settings { fail = false, slow = 0 }
timer.every("5m", function()
  log.info(("run %d at %s"):format(store.incr("runs"), os.date("!%H:%M")))
  if cfg.slow > 0 then time.sleep(cfg.slow) end
  if cfg.fail then error("broken") end
end, { name = "five" })
timer.every("1d", function() store.set("greeting", "hello") end, { at_start = true })
function mail(conn, sender)
  return reject("5.7.1", (store.get("greeting") or "nobody") .. " after " .. (store.get("runs") or 0))
end`

func TestAdvanceRunsTimers(t *testing.T) {
	passes(t, timed, `
it("each in its time", function()
  local s = session()
  expect(s:mail("a@example.com")):rejected("hello after 0")
  advance("4m59s")
  expect(session():mail("a@example.com")):rejected("hello after 0")
  advance(1)
  expect(session():mail("a@example.com")):rejected("hello after 1")
  advance("11m")
  expect(session():mail("a@example.com")):rejected("hello after 3")
  expect(s):logged("run 1 at 12:05"):logged("run 3 at 12:15")
  expect(os.date("!%H:%M")):is("12:16")
end)
it("begins anew in the next test", function()
  advance("1h")
  expect(session():mail("a@example.com")):rejected("hello after 0")
  advance("5m")
  expect(session():mail("a@example.com")):rejected("hello after 1")
end)
it("runs on when its session has ended", function()
  local s = session()
  s:close()
  advance("5m")
  expect(s):logged("run 1 at 12:05")
end)
it("fails for the session", function()
  local s = session{ settings = { fail = true } }
  advance("10m")
  expect(s):raises("broken")
  expect(s):raises("broken")
end)
it("moves the clock itself", function()
  local s = session{ settings = { slow = 420 } }
  advance("6m")
  expect(os.date("!%H:%M")):is("12:12")
  advance("1m")
  expect(s:mail("a@example.com")):rejected("hello after 1")
  advance("2m")
  expect(session():mail("a@example.com")):rejected("hello after 2")
end)`)
	fails(t, timed, `session{ settings = { fail = true } } advance("5m")`, `a script failed, which the test does not expect with raises`)
	fails(t, `require "timer".every("1s", function() end)`, `session() advance("3h")`, `there are more than 10000 turns of timers in that time; advance by less at a time`)
	fails(t, `require "timer".every("1s", function() msg:quarantine("x") end)`, `session() advance(1)`, `a script failed, which the test does not expect with raises`)
}
