package lua_test

import (
	"fmt"
	"strings"
)

// values are arguments and operands of interest, as Lua writes them.
var values = []string{
	"nil", "true", "false", "0", "1", "-1", "2", "3", "1.5", "-2.7", "1e15", "2^53", "-2^31", "1e300", "1/0", "-1/0", "0/0",
	`"10"`, `" 7 "`, `"0x10"`, `"abc"`, `""`, `"1e1"`, "{}", "{1, 2, 3}", `{"a", "b"}`, "type", "coroutine.create(function() end)",
}

// fewer are for functions of two arguments.
var fewer = []string{
	"nil", "true", "0", "1", "-1", "2", "3", "1.5", "-3", "1/0", "0/0", `"2"`, `"abc"`, "{}", "{1, 2, 3}", `{"a", "b"}`, "type",
}

// tables are for functions whose first argument is one.
var tables = []string{"nil", "5", `"abc"`, "{}", "{1, 2, 3}", `{"a", 2, "c", 4.5}`, "{n = 5}", "{1, 2, nil, 4}", "{[0] = 0, 1, [-1] = -1, [2.5] = 2}"}

// numbers are what is a number in arithmetic, and the like.
var numbers = []string{"0", "1", "-1", "2", "-6", "3", "1.5", "-2.7", "5.3", "0.1", "1e15", "2^53", "1e300", "1/0", "-1/0", "0/0", `"10"`, `"010"`, `" -0x1p4 "`, `"abc"`, `"5."`, `"1e"`, `""`}

// call returns the Lua that calls a function, from Lua and not as the last thing a function does: errors then have a line.
func call(function string, args ...string) string {
	return fmt.Sprintf("local function p(...) return ... end return p(%s(%s))", function, strings.Join(args, ", "))
}

// withTable returns the Lua that calls a function with a table, and returns what it gives and the table.
func withTable(function string, args ...string) string {
	args[0] = "(" + args[0] + ")"
	return fmt.Sprintf("local t = %s local function p(...) return t, ... end return p(%s(t%s))", args[0], function, strings.Join(append([]string{""}, args[1:]...), ", "))
}

func generated() []string {
	var out []string
	for _, f := range strings.Fields("type tostring tonumber getmetatable rawequal rawget rawset next pairs ipairs select unpack setmetatable error assert pcall xpcall coroutine.create coroutine.resume coroutine.wrap coroutine.status coroutine.yield table.concat table.insert table.remove table.sort table.maxn table.getn table.foreach table.foreachi os.difftime os.time os.date " + mathFunctions) {
		for _, v := range append([]string{""}, values...) {
			if (v == "" || v == "nil") && (f == "os.time" || f == "os.date") {
				continue // now
			}
			out = append(out, call(f, v))
		}
	}
	for _, f := range strings.Fields("tonumber rawequal rawget select next setmetatable error assert table.concat table.remove table.insert table.sort table.foreach math.fmod math.pow math.ldexp math.atan2 math.max math.min math.mod os.difftime pcall xpcall") {
		for _, a := range fewer {
			for _, b := range fewer {
				out = append(out, call(f, a, b))
			}
		}
	}
	out = append(out, withTables()...)
	out = append(out, conversions()...)
	out = append(out, operators()...)
	out = append(out, loops()...)
	out = append(out, dates()...)
	return out
}

const mathFunctions = "math.abs math.acos math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp math.floor math.fmod math.frexp math.ldexp math.log math.log10 math.max math.min math.mod math.modf math.pow math.rad math.sin math.sinh math.sqrt math.tan math.tanh"

func withTables() []string {
	var out []string
	positions := []string{"nil", "0", "1", "2", "4", "5", "-1", "2.9", `"2"`, `"x"`, "{}"}
	for _, t := range tables {
		for _, a := range positions {
			out = append(out, withTable("table.insert", t, a), withTable("table.remove", t, a), withTable("table.insert", t, a, `"new"`), withTable("table.insert", t, a, "nil"), withTable("rawset", t, a, "1"), withTable("rawget", t, a), call("unpack", t, a), call("table.concat", t, `"-"`, a), call("next", t, a))
			for _, b := range positions {
				out = append(out, call("unpack", t, a, b), call("table.concat", t, `"-"`, a, b))
			}
		}
		for _, f := range strings.Fields("table.maxn table.getn table.sort table.foreach table.foreachi next pairs ipairs") {
			out = append(out, withTable(f, t), withTable(f, t, "function(...) return ... end"), withTable(f, t, "function(a, b) return b end"), withTable(f, t, "function() return nil end"))
		}
		out = append(out, withTable("table.insert", t), withTable("table.insert", t, "1", "2", "3"), withTable("table.sort", t, "function(a, b) return a > b end"), withTable("rawset", t), withTable("rawset", t, "0/0", "1"), withTable("rawset", t, "1/0", "1"))
	}
	return out
}

// conversions are texts as numbers, and numbers as texts.
func conversions() []string {
	var out []string
	for _, s := range strings.Split(`10|010|0x1F|-0xff|0x|1e2|1e+2|1e-07|.5|5.|.|-|+1|- 1|1 2| 12 |\n12\t|1_000|inf|nan|1e400|-1e400|0b1|1f|7fffffff|zz|ZZ|9|-zz|1e5|0x1p4|1E2|`, "|") {
		out = append(out, `return tonumber("`+s+`")`, `return pcall(function() return "`+s+`" + 0 end)`, `return pcall(function() return -"`+s+`" end)`)
		for _, base := range strings.Fields(`2 8 10 16 36 1 37 0 -1 10.9 "16" nil {}`) {
			out = append(out, call("tonumber", `"`+s+`"`, base))
		}
	}
	for _, n := range strings.Fields("0 -0 0.1 1/3 100 1e14 1e15 123456789012345 2^53 -2^63 1e100 5e-324 0.0001 0.00001 123.456 -1e-10 1/0 -1/0 0/0 3.14159265358979") {
		out = append(out, "return tostring("+n+")", "local n = "+n+" return n .. ''", "local n = "+n+" return '' .. n .. n", "return table.concat{"+n+"}")
	}
	return out
}

// operators are all operators with all pairs of operands, in variables, so that the compiler cannot work them out.
func operators() []string {
	var out []string
	operands := append([]string{"nil", "true", "{}", "type", "setmetatable({}, M)"}, numbers...)
	const m = `local M = {} for _, e in ipairs{"add", "sub", "mul", "div", "mod", "pow", "concat", "lt", "le", "eq"} do M["__" .. e] = function(a, b) return e .. type(a) .. type(b) end end `
	for _, op := range strings.Fields("+ - * / % ^ .. == ~= < <= > >= and or") {
		for _, a := range operands {
			for _, b := range operands {
				setup := ""
				if strings.Contains(a+b, "M") {
					setup = m
				}
				out = append(out, fmt.Sprintf("%slocal a, b = %s, %s return a %s b", setup, a, b, op))
			}
		}
	}
	for _, op := range strings.Fields("- not #") {
		for _, a := range append(operands[:4:4], numbers...) {
			out = append(out, fmt.Sprintf("local a = %s return %s a", a, op))
		}
	}
	for _, a := range []string{"5", "-5", "5.5", "-6"} { // worked out by the compiler
		for _, b := range []string{"3", "-3", "0.25"} {
			out = append(out, fmt.Sprintf("return %s + %s, %s - %s, %s * %s, %s / %s, (%s) ^ %s", a, b, a, b, a, b, a, b, a, b))
		}
	}
	return out
}

func loops() []string {
	var out []string
	some := []string{"nil", "1", "3", "-2", "0.5", "1/0", "0/0", `"2"`, `"x"`, "{}", "0.1"}
	for _, from := range some {
		for _, to := range some {
			for _, step := range some {
				out = append(out, fmt.Sprintf("local t = {} for i = %s, %s, %s do t[#t + 1] = i if #t > 5 then break end end return t", from, to, step))
			}
		}
	}
	return out
}

// dates are times and formats of os.time and os.date.
func dates() []string {
	var out []string
	times := strings.Fields("0 1 -1 86399 951782400 1e9 1720386309.7 2^31 4e9 -86400 -1e9 1e11")
	for _, verb := range strings.Split("aAbBcdDeFgGhHIjkmMnprRStTuUVwWxXyYzZ%", "") {
		for _, at := range times {
			out = append(out, `return os.date("!%`+verb+`", `+at+`)`)
		}
	}
	for _, at := range append(times, "1e17", "-1e17", "1/0", `"10"`, `"x"`, "{}") {
		out = append(out, `return os.date("!*t", `+at+`)`, `return os.date("*t", `+at+`)`, call("os.date", "nil", at), call("os.date", `"!%c"`, at), call("os.date", `"%d.%m.%Y %H:%M:%S %Z"`, at))
	}
	for _, field := range []string{"year", "month", "day", "hour", "min", "sec"} {
		for _, v := range []string{"nil", "0", "-1", "13", "61", "100", "2024", "1.5", `"3"`, `"x"`, "{}", "true"} {
			out = append(out, fmt.Sprintf("local t = {year = 2024, month = 2, day = 29, hour = 5, min = 6, sec = 7} t.%s = %s local function p(...) return ... end return p(os.time(t))", field, v))
		}
	}
	for _, dst := range []string{"true", "false", "nil", "1"} {
		out = append(out, "return os.time{year = 2024, month = 7, day = 1, isdst = "+dst+"}")
	}
	return append(out, "return os.time(setmetatable({}, {__index = function(_, k) return 3 end}))", "return os.date('*t', os.time{year = 2023, month = 14, day = -3, hour = 30})")
}
