package luatest

import "testing"

// lookingUp is a script that logs what it finds.
const lookingUp = `
local dns = require "dns"
local parallel = require "parallel"
local function text(v)
  if type(v) ~= "table" then return tostring(v) end
  if v.zone then return v.zone .. " " .. v.code end
  if v.host then return v.host .. " " .. tostring(v.preference or v.priority) .. " " .. tostring(v.port) end
  local all = {}
  for i, one in ipairs(v) do all[i] = text(one) end
  return "{" .. table.concat(all, ", ") .. "}"
end
function mail(conn, sender)
  local name, argument = sender:match("^(%w+):(.*)$")
  if name == "bl" then
    argument = { zones = { "dnsbl.example.org" }, ip = argument }
  end
  local found, why = dns[name](argument)
  log.info("found " .. text(found) .. " " .. tostring(why))
  if name == "parallel" then parallel.call { { dns.a, argument } } end
end
`

const answers = `
local function finds(what, answer)
  local s = session{}
  s:mail(what)
  expect(s):logged("found " .. answer)
end
`

func TestFakeDNS(t *testing.T) {
	passes(t, lookingUp, answers+`
it("finds what it was told", function()
  fake_dns {
    ["Example.com"] = { a = { "192.0.2.1", "192.0.2.2" }, mx = { { host = "mx.example.com", preference = 10 } }, txt = "v=spf1 -all" },
    ["_x._tcp.example.com"] = { srv = { host = "mx.example.com", priority = 3, weight = 2, port = 25 } },
    ["192.0.2.1"] = { ptr = "example.com" },
    ["2001:db8::1"] = { ptr = "six.example.com" },
    ["dnsbl.example.org"] = { listed = { ["192.0.2.1"] = "127.0.0.2" } },
    ["broken.example.com"] = { fails = "no answer in time" },
  }
  finds("a:example.com", "{192.0.2.1, 192.0.2.2} nil")
  finds("mx:example.com", "{mx.example.com 10 nil} nil")
  finds("txt:example.com", "{v=spf1 -all} nil")
  finds("srv:_x._tcp.example.com", "{mx.example.com 3 25} nil")
  finds("reverse:192.0.2.1", "example.com nil")
  finds("ptr:2001:db8::1", "{six.example.com} nil")
  finds("bl:192.0.2.1", "dnsbl.example.org 127.0.0.2 nil")
  finds("bl:192.0.2.2", "false nil")
  finds("a:none.example.com", "{} nil")
  finds("mx:broken.example.com", "nil look up MX of broken.example.com: no answer in time")
end)

it("adds to what it was told", function()
  fake_dns { ["a.example.com"] = { a = "192.0.2.1" } }
  fake_dns { ["b.example.com"] = { a = "192.0.2.2" } }
  finds("a:a.example.com", "{192.0.2.1}")
  finds("a:b.example.com", "{192.0.2.2}")
end)

it("forgets", function()
  fake_dns {}
  finds("a:a.example.com", "{} nil")
end)
`)
}

// A lookup that no test has told about is an error, whatever the script makes of lookups that fail.
func TestUntoldLookups(t *testing.T) {
	for _, what := range []string{"a:example.com", "reverse:192.0.2.1", "bl:192.0.2.1", "ip:example.com"} {
		fails(t, lookingUp, `session{}:mail("`+what+`")`, "the test has told no answers: call fake_dns first")
	}
}

func TestFakeDNSMistakes(t *testing.T) {
	for body, want := range map[string]string{
		`fake_dns("x")`: `fake_dns: answers is`,
		`fake_dns { ["example.com"] = "192.0.2.1" }`:                 `write ["example.com"] = { a = "192.0.2.1" }`,
		`fake_dns { ["example.com"] = { aa = "192.0.2.1" } }`:        "there is no aa; ",
		`fake_dns { ["a b"] = { a = "192.0.2.1" } }`:                 `"a b" is no name in DNS`,
		`fake_dns { ["example.com"] = { mx = { { hots = "x" } } } }`: "there is no hots; did you mean host?",
		`fake_dns { ["example.com"] = { a = true } }`:                "fake_dns: example.com: a has a boolean",
	} {
		fails(t, lookingUp, body, want)
	}
}
