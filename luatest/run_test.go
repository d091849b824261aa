package luatest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestStateInTheWrongPlaceIsFound(t *testing.T) {
	const two = `it("counts", function() expect(session():send{ to = { "a@example.com", "b@example.com" } }):header("N", 2) end)`
	for _, c := range []struct {
		name, script string
		found        bool
	}{
		{"in conn", `function rcpt(conn) conn.n = (conn.n or 0) + 1 end function eom(conn, msg) msg:add_header("N", conn.n) end`, false},
		{"in a local of the file", `local n = 0 function rcpt() n = n + 1 end function eom(conn, msg) msg:add_header("N", n) end`, true},
		{"in a local of the file, reset at mail", `local n function mail() n = 0 end function rcpt() n = n + 1 end function eom(conn, msg) msg:add_header("N", n) end`, true},
		{"in a table of the file, by connection", `local n = {} function rcpt(conn) n[conn.id] = (n[conn.id] or 0) + 1 end function eom(conn, msg) msg:add_header("N", n[conn.id] or 0) end`, true},
		{"in a local that is only a cache", `local seen = {} function rcpt(conn, r) seen[r] = seen[r] or #r conn.n = (conn.n or 0) + 1 end function eom(conn, msg) msg:add_header("N", conn.n) end`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := runText(t, c.script, two)[0]
			if found := one.State == Failed && one.Stale; found != c.found {
				t.Errorf("found: %v\n%s", found, explanation(&one))
			}
			if c.found && !strings.Contains(explanation(&one), "fails with VMs that were used before") {
				t.Errorf("it is not explained:\n%s", explanation(&one))
			}
		})
	}
}

func TestErrorsOfScripts(t *testing.T) {
	const script = "function rcpt(conn)\n  local list\n  return list.x\nend\nfunction close() error('at the end') end"
	all := runText(t, script, `
it("expected", function()
  local t = session()
  expect(t:send{}):tempfailed():raises("index a nil value")
  t:close()
  expect(t):raises("at the end")
end)
it("one not expected", function() local t = session() expect(t:send{}):raises("index") end)
it("instead of the verdict", function() expect(session():send{}):accepted() end)
`)
	if all[0].State != Passed {
		t.Errorf("errors that are expected: %s", explanation(&all[0]))
	}
	for i, parts := range [][]string{
		1: {"s_test.lua:8: a script failed, which the test does not expect with raises", "error in a script, in close:\n    s.lua:5: at the end"},
		2: {"  expected: accept\n", "error in a script, in rcpt:\n    s.lua:3: attempt to index a nil value", "        3 |   return list.x"},
	} {
		for _, part := range parts {
			if !strings.Contains(explanation(&all[i]), part) {
				t.Errorf("%s: %q is missing in\n%s", all[i].Name, part, explanation(&all[i]))
			}
		}
	}
}

func TestTimeStandsStill(t *testing.T) {
	passes(t, `
local time = require "time"
local loaded = time.now()
function mail(conn)
  conn.began = time.now()
  time.sleep(90)
  if time.now() - conn.began ~= 90 or os.time() - math.floor(conn.began) ~= 90 then error("it did not sleep") end
  log.info("now " .. os.date("!%Y-%m-%d %H:%M:%S"), { loaded = loaded })
end`, `
local time = require "time"
for i = 1, 2 do
  it("begins anew in test " .. i, function()
    expect(os.date("!%Y-%m-%d %H:%M:%S")):is("2026-01-05 12:00:00")
    advance("2d")
    advance("1h30m")
    advance(0.5)
    expect(time.now() % 1):is(0.5)
    local clock = os.clock()
    local t = session()
    t:mail("")
    expect(t):logged("now 2026-01-07 13:31:30")
    expect(os.date("!%H:%M:%S")):is("13:31:30")
    expect(os.clock() - clock):is(90)
  end)
end`)
}

func TestOrder(t *testing.T) {
	passes(t, "", `
local steps = {}
local function step(name) return function() steps[#steps + 1] = name end end
before_each(step "file before")
after_each(step "file after")
describe("outer", function()
  before_each(step "outer before")
  after_each(step "outer after")
  describe("inner", function()
    before_each(step "inner before")
    after_each(step "inner after")
    it("first", step "first")
  end)
  it("second", step "second")
end)
it("last", function()
  expect(table.concat(steps, ", ")):is("file before, outer before, inner before, first, inner after, outer after, file after, " ..
    "file before, outer before, second, outer after, file after, file before")
end)`)
}

func TestStates(t *testing.T) {
	all := runText(t, "", `
describe("a", function()
  describe("b", function() it("passes", function() end) end)
  it("is to be written")
  pending("waits", function() error("never runs") end)
  it("gives up", function() pending("no weather today") end)
  it("fails", function() error("oops") end)
end)
describe("after_each runs", function()
  local after = 0
  after_each(function() after = after + 1 end)
  it("when a test fails", function() error("x") end)
  it("see?", function() expect(after):is(1) end)
end)
describe("after_each fails", function()
  after_each(function() error("in after_each") end)
  it("and so does the test", function() end)
end)`)
	var got []string
	for i := range all {
		got = append(got, all[i].Name+": "+[...]string{"passed", "failed", "pending"}[all[i].State]+" "+all[i].Why)
	}
	want := []string{
		"a b passes: passed ", "a is to be written: pending it has no function yet", "a waits: pending pending", "a gives up: pending no weather today", "a fails: failed ",
		"after_each runs when a test fails: failed ", "after_each runs see?: passed ", "after_each fails and so does the test: failed ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRunChoosesTests(t *testing.T) {
	folder(t, map[string]string{"a_test.lua": `describe("one", function() it("x", function() end) it("y", function() end) end) it("two x", function() end)`})
	var names []string
	for _, one := range runAll(t, Options{Jobs: 1, Run: regexp.MustCompile("^one|two")})[0].Tests {
		names = append(names, one.Name)
	}
	if !slices.Equal(names, []string{"one x", "one y", "two x"}) {
		t.Error(names)
	}
	if all := runAll(t, Options{Jobs: 1, Run: regexp.MustCompile("x$")})[0].Tests; len(all) != 2 {
		t.Errorf("%d tests match x$", len(all))
	}
}

func TestFilesThatCannotBeLoaded(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a syntax error", "it('x', function()\n  if\nend)", "a_test.lua:3: syntax error near 'end'"},
		{"an error", "local x\nx.y = 1", "a_test.lua:2: attempt to index a nil value"},
		{"a function that does not exist", "descrive('x', function() end)", "did you mean describe?"},
		{"a session outside a test", "session()", "session works inside a test: in it, before_each or after_each"},
		{"no name", "it('', function() end)", "it: name is empty"},
		{"a module that does not exist", "require 'nothing'", "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder(t, map[string]string{"a_test.lua": c.text})
			if f := runAll(t, Options{Jobs: 1})[0]; f.Err == nil || !strings.Contains(detail(f.Err), c.want) {
				t.Errorf("%v, want %s", f.Err, c.want)
			}
		})
	}
}

func TestModulesOfTests(t *testing.T) {
	folder(t, map[string]string{
		"lib/check.lua": "local M = {}\nfunction M.two(result)\n  expect(result):header('N', 2)\nend\nreturn M",
		"s.lua":         `function eom(conn, msg) msg:add_header("N", 1) end`,
		"s_test.lua":    "local check = require 'lib.check'\nit('x', function() check.two(session():send{}) end)",
	})
	f := runAll(t, Options{Jobs: 1})[0]
	if f.Err != nil || !strings.HasPrefix(f.Tests[0].Err.Error(), "lib/check.lua:3: the field has another value") {
		t.Errorf("%v, %+v", f.Err, f.Tests)
	}
}

func TestFind(t *testing.T) {
	folder(t, map[string]string{"b_test.lua": "", "a/a_test.lua": "", "a/b/c_test.lua": "", ".git/x_test.lua": "", "a/a.lua": "", "empty/x.lua": ""})
	for _, c := range []struct {
		paths     []string
		want, err string
	}{
		{[]string{"."}, "a/a_test.lua a/b/c_test.lua b_test.lua", ""},
		{[]string{"a", "b_test.lua", "a/a_test.lua"}, "a/a_test.lua a/b/c_test.lua b_test.lua", ""},
		{[]string{"a/a.lua"}, "", "a/a.lua is no file of tests; their names end in _test.lua, such as a/a_test.lua"},
		{[]string{"empty"}, "", "there are no tests in empty: no file there, or below, has a name that ends in _test.lua"},
		{[]string{"nowhere"}, "", "look for tests: stat nowhere: no such file or directory"},
	} {
		got, err := Find(c.paths)
		if strings.Join(got, " ") != c.want || err == nil && c.err != "" || err != nil && err.Error() != c.err {
			t.Errorf("%v: %v, %v", c.paths, got, err)
		}
	}
}

// Files that run at the same time do not disturb one another, and come out in their order.
func TestJobs(t *testing.T) {
	files := map[string]string{"s.lua": `function eom(conn, msg) msg:add_header("D", os.date("!%H")) end`}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		files[name+"_test.lua"] = `
for hours = 0, 9 do
  it("is " .. hours, function()
    advance(hours .. "h")
    expect(session{ script = "s.lua" }:send{}):header("D", 12 + hours)
  end)
end`
	}
	folder(t, files)
	all := runAll(t, Options{Jobs: 4})
	for i, f := range all {
		if f.Path != string(rune('a'+i))+"_test.lua" || f.Err != nil {
			t.Errorf("file %d is %s: %v", i, f.Path, f.Err)
		}
	}
	if c := Count(all); c != (Counts{Passed: 60}) {
		t.Errorf("%+v", c)
	}
}
