package luaapi

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

const useRe = `local re = require "re" `

func TestRe(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`re.compile("b+"):test("abbc")`:                                                   "true",
		`re.compile("B+", "i"):test("abbc")`:                                              "true",
		`re.compile("x"):test("abbc")`:                                                    "false",
		`table.concat({re.compile("b(b)(x)?"):find("abbc")}, ",")`:                        "2,3,b",
		`select("#", re.compile("b(b)(x)?"):find("abbc"))`:                                "4",
		`re.compile("x"):find("abbc")`:                                                    "nil",
		`re.compile("^b"):find("abb", 3)`:                                                 "3",
		`re.compile("b"):find("abb", -1)`:                                                 "3",
		`re.compile("b"):find("abb", 9)`:                                                  "nil",
		`re.compile("b+"):match("abbc")`:                                                  "bb",
		`select(2, re.compile([[(\w+)@(\w+)]]):match("to jane@example"))`:                 "example",
		`re.compile("x"):match("abbc")`:                                                   "nil",
		`re.compile([[(?P<user>\w+)@(\w+)]]):captures("to jane@example").user`:            "jane",
		`re.compile([[(?P<user>\w+)@(\w+)]]):captures("to jane@example")[0]`:              "jane@example",
		`re.compile([[(?P<user>\w+)@(\w+)]]):captures("to jane@example")[2]`:              "example",
		`re.compile("x"):captures("a")`:                                                   "nil",
		`re.compile("(b+)(x?)"):gsub("abbcb", "[%1%2%0%%]")`:                              "a[bbbb%]c[bb%]",
		`select(2, re.compile("b"):gsub("abcb", "x"))`:                                    "2",
		`re.compile("b"):gsub("abcb", "x", 1)`:                                            "axcb",
		`re.compile("b"):gsub("abcb", "x", 0)`:                                            "abcb",
		`re.compile("b"):gsub("abcb", "%1%1")`:                                            "abbcbb",
		`re.compile([[\w+]]):gsub("a b c", {a = "1", b = 2, c = false})`:                  "1 2 c",
		`re.compile([[(\w)(\w)]]):gsub("ab cd", function(x, y) return y .. x end)`:        "ba dc",
		`re.compile("(x)?b"):gsub("b", {})`:                                               "b",
		`re.compile("z"):gsub("abc", "x")`:                                                "abc",
		`table.concat(re.compile([[\s*,\s*]]):split("a , b,c"), "|")`:                     "a|b|c",
		`table.concat(re.compile(","):split("a,b,c", 2), "|")`:                            "a|b,c",
		`table.concat(re.compile(","):split(",a,"), "|")`:                                 "|a|",
		`#re.compile(","):split("")`:                                                      "1",
		`tostring(re.compile("a+", "i"))`:                                                 "a+",
		`re.compile("line", "i"):test(msg.body)`:                                          "true",
		`re.compile("."):match("\255")`:                                                   "\xff",
		`re.compile([[\xe9]], "b"):find("a\233")`:                                         "2",
		`re.compile("b+"):match(("x"):rep(50000) .. "bbb")`:                               "bbb",
		`table.concat(re.set({"lottery", "^dear", "x"}, "i"):match("Dear Lottery"), ",")`: "1,2",
		`#re.set({}):match("x")`:                                                          "0",
		`tostring(re.set({}))`:                                                            "regexset",
		`re.compile(re.escape("a.b-c[d]\\^$&~#\0")):test("xa.b-c[d]\\^$&~#\0")`:           "true",
		`re.escape("a.b")`:                                                                `a\.b`,
		`getmetatable(re.compile("a"))`:                                                   "regex",
	} {
		v.want(useRe+`return `+script, want)
	}
	v.want(useRe+`local out = {} for user, domain in re.compile([[(\w+)@(\w+)]]):gmatch("a@x, b@y") do out[#out + 1] = user .. domain end return table.concat(out, ",")`, "ax,by")
}

func TestReErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`re.compile("a(")`:                                    "re.compile: \"a(\" is no expression: missing closing ): `a(`",
		`re.compile("a", "x")`:                                "re.compile: there is no flag 'x'; there are i (ignores case), m (^ and $ match at lines), s (. matches line breaks) and b (bytes)",
		`re.compile(nil)`:                                     "re.compile: the pattern is nil; a string was expected",
		`re:compile("a")`:                                     "re.compile is a function: write re.compile(...), with a dot",
		`re.compile("a").test("a")`:                           "test is a method: write regex:test(...), with a colon",
		`re.compile("a").x = 1`:                               "a regex is read only; it stays as it was compiled",
		`re.compile("a"):test(nil)`:                           "regex:test: the text is nil; a string was expected",
		`re.compile("a"):split("a", 0)`:                       "regex:split: n is 0; 1 or more was expected",
		`re.compile("a"):gsub("a", "%x")`:                     `regex:gsub: the replacement "%x" has a % that is neither %% nor %0 to %9`,
		`re.compile("a"):gsub("a", "%")`:                      `regex:gsub: the replacement "%" has a % that is neither %% nor %0 to %9`,
		`re.compile("(a)"):gsub("a", "%2")`:                   "regex:gsub: the replacement has %2, but the expression has 1 captures",
		`re.compile("a"):gsub("a", true)`:                     "regex:gsub: the replacement is a boolean; a string, table or function was expected",
		`re.compile("a"):gsub("a", function() return {} end)`: "regex:gsub: the replacement gave a table; a string was expected",
		`re.set("a")`:                                         "re.set: patterns is a string; an array of strings was expected",
		`re.set({"a", 5})`:                                    "re.set: expression 2 is a number; a string was expected",
		`re.set({"a", "("})`:                                  "re.set: expression 2: \"(\" is no expression: missing closing ): `(`",
		`re.set({}).match("x")`:                               "match is a method: write set:match(...), with a colon",
		`re.compile("."):gsub(("a"):rep(100001), "")`:         `regex:gsub: there are more than 100000 matches of "."`,
	} {
		v.fails(useRe+script, want)
	}
}

// TestReBudget checks that searches are work, and that strings stay within their limit.
func TestReBudget(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.Budget.MaxString = 1000
	if _, err := v.run(useRe + `re.compile("a"):gsub(("a"):rep(100), ("b"):rep(100))`); err == nil || !strings.Contains(err.Error(), "longer than the 1,000") {
		t.Errorf("a string that is too long: %v", err)
	}
	v.Budget.MaxString = 0
	v.Budget.Begin(100_000, 1<<40)
	if _, err := v.run(useRe + `local r, s = re.compile("b"), ("a"):rep(10000) while true do r:test(s) end`); err == nil || !strings.Contains(err.Error(), "too many instructions") && !strings.Contains(err.Error(), "stopped after") {
		t.Errorf("an endless search: %v", err)
	}
}

// TestReShares checks that an expression is compiled once for all VMs of a script.
func TestReShares(t *testing.T) {
	files := &ModuleFiles{}
	for range 2 {
		v := newVM(t, protocol.StageEOM)
		v.Files = files
		v.want(useRe+`return re.compile("shared"):test("shared")`, "true")
	}
	if !files.Expressions.Knows("shared", "") {
		t.Error("it is not kept")
	}
}

// BenchmarkRe compares an expression with the pattern that does the same.
func BenchmarkRe(b *testing.B) {
	body := strings.Repeat("A sentence of plain letters, as most mail has them, and on it goes.\r\n", 900)
	for _, c := range []struct{ name, text, pattern, expression string }{
		{"address in a line", "to: Jane Doe <jane@example.com>", `return text:match("([%w.]+)@([%w.]+)")`, `return r:match(text)`},
		{"word in a body", body, `return text:lower():find("lottery", 1, true) or text:lower():find("inheritance", 1, true) or text:lower():find("invoice", 1, true)`, `return w:test(text)`},
	} {
		for name, script := range map[string]string{"pattern": c.pattern, "re": c.expression} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				v := newVM(b, protocol.StageEOM)
				if _, err := v.run(useRe + `r = re.compile([[([\w.]+)@([\w.]+)]]) w = re.compile("lottery|inheritance|invoice", "i")`); err != nil {
					b.Fatal(err)
				}
				fn, err := v.L.Load(strings.NewReader("local text = ... "+script), "s.lua")
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				text := lua.LString(c.text)
				for b.Loop() {
					v.L.Push(fn)
					v.L.Push(text)
					if err := v.L.PCall(1, 0, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
