package luaapi

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// stringWork is what filters do with strings: n times, on material that a setup makes.
var stringWork = []struct{ name, setup, work string }{
	{"FindPlain", `local s = "Re: your invoice of last month (viagra)"`, `s:find("viagra", 1, true)`},
	{"FindLiteral", `local s = "Re: your invoice of last month (viagra)"`, `s:find("viagra")`},
	{"FindPattern", `local s = "Re: your invoice of last month (viagra)"`, `s:find("%d+")`},
	{"MatchNone", `local s = "Re: your invoice of last month (viagra)"`, `s:match("^%[%w+%]")`},
	{"MatchWhole", `local s = "subject"`, `s:match("^%w+$")`},
	{"MatchTwo", `local s = "Some One <user@mail.example.com>"`, `s:match("<([^<>@]+)@([^<>]+)>")`},
	{"MatchDomain", `local s = "<user17@site1.example>"`, `s:match("@([^>]+)>")`},
	{"Gmatch", `local s = "a=1; b=2; c=3; d=4"`, `for k, v in s:gmatch("(%w+)=(%w+)") do end`},
	{"GsubText", `local s = "a, b, c, d"`, `s:gsub(", ", ";")`},
	{"GsubNone", `local s = "a, b, c, d"`, `s:gsub("|", "")`},
	{"GsubCapture", `local s = "a=1; b=2; c=3; d=4"`, `s:gsub("(%w+)=(%w+)", "%2=%1")`},
	{"GsubTable", `local s, t = "$name is $age", {name = "x", age = 5}`, `s:gsub("%$(%w+)", t)`},
	{"GsubFunction", `local s, f = "a=1; b=2; c=3; d=4", function(k, v) return v end`, `s:gsub("(%w+)=(%w+)", f)`},
	{"Lower", `local s = "Message-ID"`, `s:lower()`},
	{"LowerSame", `local s = "message-id"`, `s:lower()`},
	{"Sub", `local s = "user@example.com"`, `s:sub(2, 5)`},
	{"SubByte", `local s = "user@example.com"`, `s:sub(5, 5)`},
	{"Byte", `local s = "user@example.com"`, `s:byte(5)`},
	{"Rep", `local s = "-"`, `s:rep(40)`},
	{"Format", ``, `string.format("%s: %d of %5.1f", "x", 5, 3.14)`},
	{"Recipients", `local s, count = {}, {} for i = 1, 100 do s[i] = "<user" .. i .. "@site" .. i % 20 .. ".example>" end`, `for _, a in ipairs(s) do local domain = a:match("@([^>]+)>") count[domain] = (count[domain] or 0) + 1 end`},
	{"Body64KLines", `local s = ("a line of an ordinary text that says nothing but has a length of about a hundred characters or so\r\n"):rep(630)`, `for line in s:gmatch("([^\r\n]*)\r?\n") do end`},
	{"Body64KCRLF", `local s = ("a line of an ordinary text that says nothing but has a length of about a hundred characters or so\r\n"):rep(630)`, `s:gsub("\r\n", "\n")`},
	{"Body64KURLs", `local s = ("a line of an ordinary text, see http://www.example.com/a/page that has a length of a hundred or so....\r\n"):rep(630)`, `for url in s:gmatch("https?://[%w%.%-/]+") do end`},
	{"Body64KLower", `local s = ("A line of an ordinary text that says nothing but has a length of about a hundred characters or so\r\n"):rep(630)`, `s:lower()`},
}

func BenchmarkString(b *testing.B) {
	for _, w := range stringWork {
		b.Run(w.name, func(b *testing.B) {
			v := newVM(b, protocol.StageMail)
			fn, err := v.run(w.setup + " return function(n) for i = 1, n do " + statement(w.work) + " end end")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			v.Budget.Begin(1<<60, 1<<60)
			if err := v.L.CallByParam(lua.P{Fn: fn, Protect: true}, lua.LNumber(b.N)); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// statement makes a statement of an expression.
func statement(work string) string {
	if work[:4] == "for " {
		return work
	}
	return "local _ = " + work
}
