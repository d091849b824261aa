package luaapi

import (
	"strings"
	"testing"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
	"luamilter/protocol"
)

// newStringVM returns a VM with all(...), which shows how many values there are and which, and each(iterator), which shows what it gives.
func newStringVM(t testing.TB) *vm {
	v := newVM(t, protocol.StageMail)
	if _, err := v.run(`
	function all(...) local s = select("#", ...) .. ":" for i = 1, select("#", ...) do s = s .. " " .. tostring((select(i, ...))) end return s end
	function each(next) local s = "" for a, b in next do s = s .. tostring(a) .. (b and "," .. tostring(b) or "") .. ";" end return s end`); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestStrings has an example of everything that the manual says; tests/lua has the rest.
func TestStrings(t *testing.T) {
	v := newStringVM(t)
	for _, tt := range []struct{ script, want string }{
		{`("abc"):byte()`, "1: 97"}, {`("abc"):byte(-1)`, "1: 99"}, {`("abc"):byte(1, -1)`, "3: 97 98 99"}, {`("abc"):byte(4)`, "0:"}, {`("abc"):byte(0)`, "0:"}, {`("a\0\255"):byte(2, 9)`, "2: 0 255"},
		{`string.char()`, "1: "}, {`string.char(104, "105", 0x21)`, "1: hi!"}, {`#string.char(0, 255)`, "1: 2"},
		{`("héllo"):len()`, "1: 6"}, {`string.len(12)`, "1: 2"},
		{`("Grüß GOTT 7"):lower()`, "1: grüß gott 7"}, {`("Grüß gott"):upper()`, "1: GRüß GOTT"}, {`("caf\201"):lower() == "caf\201"`, "1: true"}, {`string.upper(1e15)`, "1: 1E+15"},
		{`("abc"):reverse()`, "1: cba"}, {`(""):reverse()`, "1: "},
		{`("abcdef"):sub(2, 4)`, "1: bcd"}, {`("abcdef"):sub(-2)`, "1: ef"}, {`("abcdef"):sub(0)`, "1: abcdef"}, {`("abcdef"):sub(4, 2)`, "1: "}, {`("abc"):sub(2, math.huge)`, "1: bc"}, {`("abc"):sub("2", 2.9)`, "1: b"}, {`string.sub(123, 2)`, "1: 23"},
		{`("ab"):rep(3)`, "1: ababab"}, {`("ab"):rep(0)`, "1: "}, {`("ab"):rep(-1)`, "1: "}, {`("ab"):rep(1.9)`, "1: ab"}, {`(""):rep(1e300)`, "1: "}, {`("x"):rep(0/0)`, "1: "}, {`("x"):rep("2")`, "1: xx"}, {`#("x"):rep(2^26)`, "1: 67108864"}, {`string.rep(5, 2)`, "1: 55"},

		{`("hello"):find("l")`, "2: 3 3"}, {`("hello"):find("xyz")`, "1: nil"}, {`("hello"):find("(l)(.)")`, "4: 3 4 l l"}, {`("hello"):find("l", -2)`, "2: 4 4"}, {`("hello"):find("")`, "2: 1 0"}, {`("hello"):find("", 6)`, "2: 6 5"}, {`("hello"):find("", 10)`, "2: 6 5"},
		{`("hello"):find("", -100)`, "2: 1 0"}, {`("a.b"):find(".", 2)`, "2: 2 2"}, {`("a.b"):find(".", 1, true)`, "2: 2 2"}, {`("x"):find("y", 5, true)`, "1: nil"}, {`("hello"):find("()ll()")`, "4: 3 4 3 5"}, {`string.find(12345, 34)`, "2: 3 4"}, {`("a+b"):find("+", 1, 0)`, "2: 2 2"},
		{`("key = value"):match("^(%w+)%s*=%s*(%w+)$")`, "2: key value"}, {`("key"):match("%d")`, "1: nil"}, {`("key"):match("%w+")`, "1: key"}, {`("a1b2"):match("%a%d", 2)`, "1: b2"}, {`("f(a(b)c)d"):match("%b()")`, "1: (a(b)c)"}, {`("THE (quick) fox"):match("%f[%a]%a+%f[%A]", 5)`, "1: quick"},
		{`("key"):match("()")`, "1: 1"}, {`tostring(("key"):match("no"))`, "1: nil"}, {`("a\0b"):match("%z(.)")`, "1: b"}, {`("abc"):match("")`, "1: "},
		{`each(("one two"):gmatch("%a+"))`, "1: one;two;"}, {`each(("a=1, b=2"):gmatch("(%w)=(%w)"))`, "1: a,1;b,2;"}, {`each(("abc"):gmatch(""))`, "1: ;;;;"}, {`each(("abc"):gmatch("()"))`, "1: 1;2;3;4;"}, {`each(("a^a"):gmatch("^a"))`, "1: ^a;"}, {`("x"):gmatch("y")()`, "0:"},
		{`("hello world"):gsub("o", "0")`, "2: hell0 w0rld 2"}, {`("hello"):gsub("l", "L", 1)`, "2: heLlo 1"}, {`("hello"):gsub("l", "L", 0)`, "2: hello 0"}, {`("hello"):gsub("", "-")`, "2: -h-e-l-l-o- 6"}, {`("hello"):gsub("x", "y")`, "2: hello 0"}, {`("abc"):gsub("^a", "b")`, "2: bbc 1"},
		{`("hello world"):gsub("(%w+) (%w+)", "%2 %1 %0 %%")`, "2: world hello hello world % 1"}, {`("abc"):gsub("%w", "%0%0")`, "2: aabbcc 3"}, {`("abc"):gsub("b", 7)`, "2: a7c 1"}, {`("a b"):gsub("()", "%1")`, "2: 1a2 3b4 4"},
		{`("$name is $age, $x"):gsub("%$(%w+)", {name = "Jo", age = 5, x = false})`, "2: Jo is 5, $x 3"}, {`("abc"):gsub(".", setmetatable({}, {__index = function(_, k) return k .. k end}))`, "2: aabbcc 3"}, {`("abc"):gsub("()", {10, 20})`, "2: 10a20bc 4"},
		{`("abc"):gsub("%w", function(c) if c == "b" then return "[" .. c .. "]" end end)`, "2: a[b]c 3"}, {`("k=v"):gsub("(%w)=(%w)", function(k, v) return v .. "=" .. k end)`, "2: v=k 1"}, {`("abc"):gsub("b", string.upper)`, "2: aBc 1"}, {`("12"):gsub("%d", function(d) return d + 0.5 end)`, "2: 1.52.5 2"},

		{`string.format("%s %d %5.2f|%-4s|%04x|%c|%q|%%", "a", 3, 2.345, "b", 255, 65, "say \"x\"\n")`, "1: a 3  2.35|b   |00ff|A|\"say \\\"x\\\"\\\n\"|%"}, {`string.format("%d", "10")`, "1: 10"}, {`string.format("%5s", 1e15)`, "1: 1e+15"}, {`string.format("plain")`, "1: plain"},
		{`string.format("%s %s", nil, true)`, "1: nil true"}, {`string.format("%s", setmetatable({}, {__tostring = function() return "T" end}))`, "1: T"}, {`("%d"):format(3.9)`, "1: 3"}, {`string.format(5)`, "1: 5"},
		{`string.gfind == string.gmatch or each(string.gfind("ab", "."))`, "1: a;b;"}, {`string.dump`, "1: nil"}, {`require("string") == string`, "1: true"},
	} {
		v.want("return all("+tt.script+")", tt.want)
	}
}

// TestStringErrors has those of Lua 5.1, and ours for what is too large.
func TestStringErrors(t *testing.T) {
	v := newStringVM(t)
	for _, tt := range []struct{ script, want string }{
		{`string.rep()`, "bad argument #1 to 'rep' (string expected, got no value)"},
		{`string.rep(nil, 2)`, "bad argument #1 to 'rep' (string expected, got nil)"},
		{`string.rep("x")`, "bad argument #2 to 'rep' (number expected, got no value)"},
		{`("x"):rep("y")`, "bad argument #1 to 'rep' (number expected, got string)"},
		{`local s = "x" return s:find(function() return s end)`, "bad argument #1 to 'find' (string expected, got function)"},
		{`local t = {rep = string.rep} return t:rep(3)`, "calling 'rep' on bad self (string expected, got table)"},
		{`string.len(reject)`, "bad argument #1 to 'len' (string expected, got verdict)"},
		{`string.char(65, 256)`, "bad argument #2 to 'char' (invalid value)"},
		{`string.char(-1)`, "bad argument #1 to 'char' (invalid value)"},
		{`string.find("x", "x", {})`, "bad argument #3 to 'find' (number expected, got table)"},
		{`string.gsub("x", "x")`, "bad argument #3 to 'gsub' (string/function/table expected)"},
		{`string.gsub("x", "x", true)`, "bad argument #3 to 'gsub' (string/function/table expected)"},
		{`string.gsub("x", "x", "", "y")`, "bad argument #4 to 'gsub' (number expected, got string)"},
		{`string.gsub("x", "x", "%1")`, ""},
		{`string.gsub("x", "x", "%2")`, "invalid capture index"},
		{`string.gsub("x", "x", function() return {} end)`, "invalid replacement value (a table)"},
		{`string.gsub("x", "x", {x = true})`, "invalid replacement value (a boolean)"},
		{`string.find("a", "%")`, "malformed pattern (ends with '%')"},
		{`string.find("a", "[a")`, "malformed pattern (missing ']')"},
		{`string.match("a", "(a")`, "unfinished capture"},
		{`string.match("a", "a)")`, "invalid pattern capture"},
		{`string.match("a", "%1")`, "invalid capture index"},
		{`for _ in ("a"):gmatch("%f") do end`, "missing '[' after '%f' in pattern"},
		{`string.format()`, "bad argument #1 to 'format' (string expected, got no value)"},
		{`string.format("%d %s", 1)`, "bad argument #3 to 'format' (no value)"},
		{`string.format("%d", "x")`, "bad argument #2 to 'format' (number expected, got string)"},
		{`string.format("%q", {})`, "bad argument #2 to 'format' (string expected, got table)"},
		{`string.format("%y", 1)`, "invalid option '%y' to 'format'"},
		{`string.format("%123d", 1)`, "invalid format (width or precision too long)"},
		{`string.format("%s", setmetatable({}, {__tostring = function() return {} end}))`, "'__tostring' must return a string"},
		{`("x"):rep(70000):byte(1, -1)`, "stack overflow (string slice too long)"},
		{`("x"):rep(2^26 + 1)`, "a string of 67,108,865 bytes is longer than the 67,108,864 that a string may have"},
		{`("xy"):rep(1/0)`, "a string of 18,014,398,509,481,984 bytes is longer than the 67,108,864 that a string may have"},
		{`("x"):rep(2^26):rep(1e300)`, "a string of 9,223,372,036,854,775,807 bytes is longer than the 67,108,864 that a string may have"},
		{`string.match("x", ("x"):rep(1e5))`, "pattern too long (100000 bytes, of at most 65536)"},
	} {
		if tt.want == "" {
			v.want(tt.script, "nil")
			continue
		}
		v.fails(tt.script, tt.want)
	}
}

// TestStringsInStrings runs string functions in the middle of others.
func TestStringsInStrings(t *testing.T) {
	v := newStringVM(t)
	for _, tt := range []struct{ script, want string }{
		{`return all(("a1 b2"):gsub("(%a)(%d)", function(a, d) return (("x-y"):gsub("(%a)-(%a)", function(x, y) return y .. a .. x .. d:rep(2) end)) end))`, "2: yax11 ybx22 2"},
		{`return all(("ab"):gsub(".", function(c) ("zz"):find("(z)(z)") string.format("%s", c) return ("q"):match("()q") .. c end))`, "2: 1a1b 2"},
		{`local s = "" for a in ("a b"):gmatch("%a") do for b in ("1 2"):gmatch("%d") do s = s .. a .. b .. ("x"):match("x") end end return s`, "a1xa2xb1xb2x"},
		{`local one, two = ("abc"):gmatch("."), ("xyz"):gmatch(".") return one() .. two() .. one() .. two()`, "axby"},
		{`return all(("a.b"):gsub("%w", setmetatable({}, {__index = function(_, k) return (k:gsub(".", k:upper() .. "%0")) end})))`, "2: Aa.Bb 2"},
		{`return string.format("%s-%s", setmetatable({}, {__tostring = function() return string.format("<%s>", "in") end}), "out")`, "<in>-out"},
		{`local function deep(n) if n == 0 then return "." end return (("x"):gsub("x", function() return deep(n - 1) .. n end)) end return deep(40):sub(1, 10)`, ".123456789"},
		{`local ok, why = pcall(string.gsub, "abc", "b", function() error("no", 0) end) return tostring(ok) .. why .. ("abc"):gsub("b", "x")`, "falsenoaxc"},
		{`for i = 1, 100 do pcall(string.gsub, "abc", "b", function() ("x"):gsub("x", error) end) end return (("abc"):gsub("b", function() return (("x"):gsub("x", "y")) end))`, "ayc"},
		{`return (("abc"):gsub(".", function(c) return coroutine.wrap(function() coroutine.yield(1) return 1 end)() .. c end))`, "1a1b1c"},
		{`return coroutine.wrap(function() return (("ab"):gsub(".", function(c) return (c:gsub(".", string.upper)) end)) end)()`, "AB"},
		{`local co = coroutine.wrap(function() for w in ("a b c"):gmatch("%a") do coroutine.yield(w) end end) return co() .. (("q r"):gsub("%a", "s")) .. co() .. co()`, "as sbc"},
	} {
		v.want(tt.script, tt.want)
	}
	v.fails(`coroutine.wrap(function() ("a"):gsub("a", function() coroutine.yield() end) end)()`, "attempt to yield across metamethod/C-call boundary")
}

// TestStringBombs holds what would take all time or memory to the budget.
func TestStringBombs(t *testing.T) {
	const stopped = "stopped after 300,000 instructions"
	const long = "that a string may have"
	for _, tt := range []struct{ script, want string }{
		{`return (("a"):rep(100)):find(".-.-.-.-.-.-.-b")`, stopped},
		{`return (("a"):rep(65536)):match("(.*)(.*)(.*)b")`, stopped},
		{`return (("a"):rep(30)):find(("a?"):rep(30) .. ("a"):rep(40))`, ""},
		{`return (("a"):rep(30) .. "c"):find(("a*"):rep(30) .. "b")`, stopped},
		{`for _ in (("a"):rep(1e5)):gmatch(".-.-.-b") do end`, stopped},
		{`return (("x"):rep(1e5)):gsub(".-.-.-y", "")`, stopped},
		{`while true do ("a"):find("b") end`, stopped},
		{`while true do pcall(string.find, ("a"):rep(1000), ".-.-.-b") end`, stopped},
		{`local s = ("a"):rep(2^26) while true do s:find("b", 1, true) end`, stopped},
		{`local s = ("a"):rep(2^26) while true do s:lower() end`, stopped},
		{`local s = ("a"):rep(2^22) while true do s:upper() end`, stopped},
		{`local s = ("a"):rep(2^22) while true do s:reverse() end`, stopped},
		{`while true do ("a"):rep(2^22) end`, stopped},
		{`local s = ("%%"):rep(2^22) while true do s:format() end`, stopped},
		{`for i = 1, 1e9 do ("x"):find(("[%a-z]*"):rep(9000) .. i) end`, stopped},
		{`return (("x"):rep(1e6)):gsub("", ("y"):rep(1e6))`, stopped},
		{`return (("x"):rep(1e6)):gsub(".*", ("%0"):rep(1e6))`, stopped},
		{`local y = ("y"):rep(1e6) return (("x"):rep(1e6)):gsub("", function() return y end)`, long},
		{`return (("x"):rep(1e6)):gsub("", setmetatable({}, {__index = function() return ("y"):rep(1e6) end}))`, long},
		{`local s = ("y"):rep(2^25) return string.format("%s%s%s", s, s, s)`, long},
		{`local s = "x" while true do s = s:rep(2) end`, stopped},
		{`local s = "x" while true do s = s .. s end`, long},
		{`local s = "x" while true do s = s:gsub("x", "xx") end`, stopped},
		{`local s = "x" while true do s = s:gsub(".+", "%0%0") end`, stopped},
		{`local s = "x" while true do s = ("%s%s"):format(s, s) end`, long},
	} {
		v := newVM(t, protocol.StageConnect)
		limit := int64(300_000)
		if tt.want == long { // which is what ends it, not what long strings count
			limit *= 100
		}
		v.Budget.Begin(limit, time.Hour)
		_, err := v.run(tt.script)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s ends with %v", tt.script, err)
		}
	}
}

// TestStringAllocations says how many values of what common calls take memory.
func TestStringAllocations(t *testing.T) {
	for _, tt := range []struct {
		work string
		want float64
	}{
		{`local a, b = s:find("example", 1, true)`, 0},
		{`local a, b = s:find("<(%w+)@")`, 1},
		{`local a = s:find("%d%d%d")`, 0},
		{`local a, b = s:match("<([^<>@]+)@([^<>]+)>")`, 2},
		{`local a = s:match("^%d+$")`, 0},
		{`local a = s:match("^.*$")`, 0},
		{`local a = s:match(".")`, 0},
		{`for a in s:gmatch("()%w+") do end`, 3},
		{`for a in s:gmatch("%w") do end`, 3},
		{`local a = s:rep(2):lower()`, 4},
		{`local a = s:lower()`, 0}, // after the first time
		{`local a = ("x"):lower()`, 0},
		{`local a = s:gsub("#", "")`, 0},
		{`local a = s:gsub("@", " at ")`, 2},
		{`local a = s:sub(3, 3)`, 0},
		{`local a = s:sub(3, 6)`, 1},
		{`local a = s:sub(1, -1)`, 0},
		{`local a, b, c = s:byte(1, 3)`, 0},
		{`local a = string.char(65)`, 1},
		{`local a = string.format("%s", s)`, 2},
	} {
		v := newVM(t, protocol.StageMail)
		fn, err := v.run(`local s = "Some One <user@mail.example.com>" return function() ` + tt.work + ` end`)
		if err != nil {
			t.Fatal(err)
		}
		got := testing.AllocsPerRun(100, func() {
			if err := v.L.CallByParam(lua.P{Fn: fn, Protect: true}); err != nil {
				t.Fatal(err)
			}
		})
		if got != tt.want {
			t.Errorf("%s: %v allocations, want %v", tt.work, got, tt.want)
		}
	}
}

// TestPieces checks that a short part does not keep a long string alive.
func TestPieces(t *testing.T) {
	body := strings.Repeat("word ", 1<<20)
	e := Open(&budget.Budget{})
	defer e.L.Close()
	word, half := e.piece(body, 5, 9), e.piece(body, 0, len(body)/2)
	if within(body, string(word.(lua.LString))) {
		t.Error("a word keeps the body")
	}
	if !within(body, string(half.(lua.LString))) {
		t.Error("half of the body is a copy")
	}
}

// TestPatternsAreKept checks that compiled patterns are, and that there are never too many.
func TestPatternsAreKept(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	if first := v.pattern(v.L, "a+"); first != v.pattern(v.L, strings.Clone("a+")) {
		t.Error("a pattern is compiled twice")
	}
	long := strings.Repeat("a+", maxPattern)
	if first := v.pattern(v.L, long); first == v.pattern(v.L, strings.Clone(long)) {
		t.Error("a long pattern is kept")
	}
	v.want(`for i = 1, 5000 do ("x"):find("y+" .. i .. ("z"):rep(i % 200)) end return "done"`, "done")
	if n := len(v.patterns.compiled); n == 0 || n > maxPatterns || v.patterns.bytes > maxPatternBytes {
		t.Errorf("%d patterns of %d bytes are kept", n, v.patterns.bytes)
	}
}

// within tells whether two strings share memory.
func within(s, part string) bool {
	begin, at := uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(unsafe.Pointer(unsafe.StringData(part)))
	return at >= begin && at < begin+uintptr(len(s))
}
