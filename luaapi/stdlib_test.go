package luaapi

import (
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
)

// What Lua 5.1 does is compared with lua5.1 itself, in tests/lua. Here is what it has not, and what bounds it.

func TestLaterLuas(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for script, want := range map[string]string{
		`local t = table.pack(1, nil, 3, nil) return t.n .. tostring(t[1]) .. tostring(t[4])`: "41nil",
		`return table.pack().n`:                                                         "0",
		`return select("#", table.unpack({1, 2, nil, 4}, 1, 4))`:                        "4",
		`return table.concat(table.move({1, 2, 3}, 1, 3, 2))`:                           "1123",
		`return table.concat(table.move({1, 2, 3}, 2, 3, 1))`:                           "233",
		`return table.concat(table.move({1, 2, 3}, 1, 3, 1, {}))`:                       "123",
		`return #table.move({1, 2, 3}, 3, 1, 1, {})`:                                    "0",
		`return rawlen({1, 2}) .. rawlen("abc")`:                                        "23",
		`return rawlen(setmetatable({1}, {__len = function() return 9 end}))`:           "1",
		`return load("return 1 + 1")()`:                                                 "2",
		`return load("return ...", "c", "t")(7)`:                                        "7",
		`return load("x = 5 return x", "c", "t", {})()`:                                 "5",
		`local e = {} load("x = 5", "c", "t", e)() return tostring(e.x) .. tostring(x)`: "5nil",
		`return select(2, load("x =", "=c"))`:                                           "c:1: the script ends in the middle of a statement",
		`return select(2, load("\n x = = 1", "@c.lua"))`:                                "c.lua:2:6: syntax error near '='; a comparison is written ==",
		`return select(2, load("x = = 1"))`:                                             `[string "x = = 1"]:1:5: syntax error near '='; a comparison is written ==`,
		`return select(2, load("return 1", "c", "b"))`:                                  "attempt to load a text chunk (mode is 'b')",
		`return select(2, load("\27Lua", "=c"))`:                                        "c: attempt to load a binary chunk (only text is allowed)",
		`return select(2, load(("("):rep(1000) .. (")"):rep(1000), "=c"))`:              "c:1:200: more than 200 blocks and brackets inside one another",
		`return select(2, load((" "):rep(5000000), "=c"))`:                              "c: the script is larger than 4 MiB",
		`return select(2, load(function() return (" "):rep(1000000) end, "=c"))`:        "c: the script is larger than 4 MiB",
		`return select(2, pcall(load("error('x')", "=c")))`:                             "c:1: x",
	} {
		v.want(script, want)
	}
	v.fails(`rawlen(5)`, "bad argument #1 to 'rawlen' (table or string expected)")
	v.fails(`load()`, "bad argument #1 to 'load' (function expected, got no value)")
	v.fails(`load("", "", "t", 5)`, "bad argument #4 to 'load' (table expected, got number)")
}

func TestUTF8(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for script, want := range map[string]string{
		`utf8.char(72, 228, 8364, 0x1F600)`:                 "Hä€😀",
		`utf8.char()`:                                       "",
		`utf8.len("Hä€😀")`:                                  "4",
		`utf8.len("")`:                                      "0",
		`utf8.len("äöü", 3)`:                                "2",
		`utf8.len("äöü", 1, 2)`:                             "1",
		`utf8.len("äöü", -2)`:                               "1",
		`utf8.len("a\255b")`:                                "nil",
		`select(2, utf8.len("a\255b"))`:                     "2",
		`select(2, utf8.len("ä\192\128"))`:                  "3",
		`utf8.len("\237\160\128")`:                          "1",
		`utf8.len("\244\144\128\128")`:                      "nil",
		`table.concat({utf8.codepoint("Hä€", 1, -1)}, " ")`: "72 228 8364",
		`utf8.codepoint("ä")`:                               "228",
		`select("#", utf8.codepoint("abc", 3, 2))`:          "0",
		`utf8.offset("aä€b", 3)`:                            "4",
		`utf8.offset("aä€b", -1)`:                           "7",
		`utf8.offset("aä€b", -2)`:                           "4",
		`utf8.offset("aä€b", 0, 5)`:                         "4",
		`utf8.offset("aä€b", 5)`:                            "8",
		`utf8.offset("aä€b", 6)`:                            "nil",
		`utf8.offset("aä€b", -9)`:                           "nil",
		`utf8.offset("", 1)`:                                "1",
		`(function() local s = "" for p, c in utf8.codes("aä€") do s = s .. p .. ":" .. c .. " " end return s end)()`: "1:97 2:228 4:8364 ",
		`(function() local n = 0 for c in ("aä€\0"):gmatch(utf8.charpattern) do n = n + 1 end return n end)()`:        "4",
		`utf8.char(0xD800) == "\237\160\128"`: "true",
	} {
		v.want("return "+script, want)
	}
	v.fails(`utf8.char(-1)`, "bad argument #1 to 'char' (value out of range)")
	v.fails(`utf8.char(65, 0x110000)`, "bad argument #2 to 'char' (value out of range)")
	v.fails(`utf8.codepoint("ä", 2)`, "invalid UTF-8 code")
	v.fails(`utf8.codepoint("a", 2)`, "bad argument #3 to 'codepoint' (out of range)")
	v.fails(`utf8.len("a", 3)`, "bad argument #2 to 'len' (initial position out of string)")
	v.fails(`utf8.len("a", 1, 2)`, "bad argument #3 to 'len' (final position out of string)")
	v.fails(`utf8.offset("ä", 1, 2)`, "initial position is a continuation byte")
	v.fails(`utf8.offset("ä", 1, 9)`, "bad argument #3 to 'offset' (position out of range)")
	v.fails(`for _ in utf8.codes("a\255") do end`, "invalid UTF-8 code")
}

func TestBit32(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for script, want := range map[string]string{
		`band(0xFF, 0x0F)`: "15", `band()`: "4294967295", `bor(1, 2, 4)`: "7", `bor()`: "0", `bxor(5, 1)`: "4", `bnot(0)`: "4294967295", `bnot(-1)`: "0",
		`btest(6, 2)`: "true", `btest(6, 1)`: "false", `btest()`: "true",
		`lshift(1, 31)`: "2147483648", `lshift(1, 32)`: "0", `lshift(4, -1)`: "2", `lshift(1, 2^53)`: "0", `rshift(-1, 28)`: "15", `rshift(1, -4)`: "16", `rshift(1, 1/0)`: "0",
		`arshift(0x80000000, 4)`: "4160749568", `arshift(0x80000000, 99)`: "4294967295", `arshift(64, 4)`: "4", `arshift(1, -3)`: "8",
		`lrotate(0x80000001, 1)`: "3", `rrotate(3, 1)`: "2147483649", `lrotate(1, 33)`: "2", `lrotate(1, -1)`: "2147483648",
		`extract(0xABCD, 4, 8)`: "188", `extract(5, 0)`: "1", `extract(-1, 0, 32)`: "4294967295", `replace(0xABCD, 0, 4, 8)`: "40973", `replace(0, 3, 31)`: "2147483648",
		`band(2^32 + 5, -1)`: "5", `band("0xFF", 15)`: "15", `band(1.9)`: "1", `band(0/0)`: "0", `band(1/0)`: "0",
	} {
		v.want("return bit32."+script, want)
	}
	v.fails(`bit32.band({})`, "bad argument #1 to 'band' (number expected, got table)")
	v.fails(`bit32.extract(1, -1)`, "bad argument #2 to 'extract' (field cannot be negative)")
	v.fails(`bit32.extract(1, 1, 0)`, "bad argument #3 to 'extract' (width must be positive)")
	v.fails(`bit32.extract(1, 31, 2)`, "trying to access non-existent bits")
}

// TestLibrariesAreBounded runs what would take forever, or all memory.
func TestLibrariesAreBounded(t *testing.T) {
	for script, want := range map[string]string{
		`table.insert({}, -2^53, 1)`: "stopped after",
		`table.move({}, 1, 2^53, 1)`: "stopped after",
		`unpack({}, 1, 1e8)`:         "too many results to unpack",
		`unpack({}, -2^53, 2^53)`:    "too many results to unpack",
		`local function f(n, ...) return f(n + 1, n, ...) end f(1, unpack({}, 1, 40000))`:                               "stopped after",
		`local s = ("x"):rep(1e5) utf8.codepoint(s, 1, -1)`:                                                             "string slice too long",
		`local s, t = ("x"):rep(1e5), {} for i = 1, 1000 do t[i] = s end table.concat(t)`:                               "a string of 100,000,000 bytes",
		`while true do load("return " .. ("1 + "):rep(1000) .. "1") end`:                                                "stopped after",
		`load(function() return " " end)`:                                                                               "stopped after",
		`while true do table.sort({3, 2, 1}, rawequal) end`:                                                             "stopped after",
		`local t = {} for i = 1, 1e4 do t[i] = -i end while true do table.sort(t, function(a, b) return a < b end) end`: "stopped after",
		`local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end`:        "stopped after",
		`local t = {} for i = 1, 1.1e6 do table.insert(t, i) end`:                                                       "an array has at most",
		`local t = {} for i = 1, 1.1e6 do rawset(t, i, i) end`:                                                          "an array has at most",
		`while true do os.date("%c") end`:                                                                               "stopped after",
		`os.date(("%c"):rep(3e6))`:                                                                                      "a string of",
		`local t = {} for i = 1, 1e4 do t["k" .. i] = i end while true do table.maxn(t) end`:                            "stopped after",
		`local s = ("\128"):rep(1e7) while true do pcall(utf8.offset, s, 0, 1e7) end`:                                   "stopped after",
		`local s = ("a"):rep(1e7) while true do utf8.len(s) end`:                                                        "stopped after",
	} {
		v := newVM(t, protocol.StageMail)
		limit := int64(1_000_000)
		if strings.Contains(script, "1.1e6") { // an array gets that long
			limit = 10_000_000
		}
		v.Budget.Begin(limit, time.Hour)
		if _, err := v.run(script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// TestSort checks the order on inputs that make other ways to sort slow.
func TestSort(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for _, fill := range []string{"i", "-i", "0", "i % 2", "i % 7 * (i % 11)", "(i * 7919) % 10007", "i < 5000 and i or 10000 - i"} {
		v.want(`local t, n = {}, 0 for i = 1, 10000 do t[i] = `+fill+` end
			table.sort(t, function(a, b) n = n + 1 return a < b end)
			for i = 2, #t do if t[i - 1] > t[i] then return "not sorted" end end
			return n < 130000 and #t or n`, "10000")
	}
	v.want(`local t = {} for i = 1, 100 do t[i] = {key = i % 3, at = i} end
		table.sort(t, function(a, b) return a.key < b.key end)
		for i = 2, 100 do if t[i - 1].key == t[i].key and t[i - 1].at > t[i].at then return i end end return "stable"`, "stable")
	for _, less := range []string{"true", "false", "a ~= b", "math.random() < 0.5", "a <= b", "nil"} {
		v.want(`local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function(a, b) return `+less+` end)
			local n = 0 for _, x in ipairs(t) do n = n + x end return n`, "500500")
	}
	v.want(`local t = {3, 2, 1} table.sort(t, function(a, b) t[4], t[5] = 9, nil return a < b end) return table.concat(t, " ")`, "1 2 3 9")
	v.want(`local t = {3, 2, 1} pcall(table.sort, t, function(a, b) error("x") end) return table.concat(t, " ")`, "3 2 1")
}

func TestRandomOfOneVM(t *testing.T) {
	a, b := newVM(t, protocol.StageMail), newVM(t, protocol.StageMail)
	const three = `return math.random(1000000) .. " " .. math.random(1000000) .. " " .. math.random(1000000)`
	for _, v := range []*vm{a, b} {
		if _, err := v.run(`math.randomseed(7)`); err != nil {
			t.Fatal(err)
		}
	}
	first, err := a.run(three)
	if err != nil {
		t.Fatal(err)
	}
	b.want(three, first.String())
	c := newVM(t, protocol.StageMail)
	if again, err := c.run(three); err != nil || again == first {
		t.Errorf("a VM without a seed gives %v, %v", again, err)
	}
}
