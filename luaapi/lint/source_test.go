package lint

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func TestLines(t *testing.T) {
	s := mustParse(t, "x.lua", `local KEY = "auth"
function eom(conn, msg)
  local a = conn.helo
  local b = conn["tls"]
  msg:add_header("X", conn[KEY])
  conn.helo = nil
  msg
    .body()
  accept() ; _G.reject()
  local accept = 1
  print(accept, "ip", {port = 1})
end`)
	for name, want := range map[string][]int{
		"helo": {3, 6}, "tls": {4}, "auth": {5}, "add_header": {5}, "body": {8}, "ip": nil, "port": nil,
	} {
		if got := s.Lines(name); !reflect.DeepEqual(got, want) {
			t.Errorf("Lines(%s) = %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string][]int{"accept": {9}, "reject": {9}, "print": {11}, "eom": nil} {
		if got := s.GlobalLines(name); !reflect.DeepEqual(got, want) {
			t.Errorf("GlobalLines(%s) = %v, want %v", name, got, want)
		}
	}
}

func TestMacros(t *testing.T) {
	tests := []struct {
		name, text string
		names      string
		computed   []int
	}{
		{"field", `function mail(c) return c.macros.i, c["macros"]["{auth_type}"] end`, "map[auth_type:[1] i:[1]]", nil},
		{"local", `function mail(c) local m = c.macros or {} ; return m.j end`, "map[j:[1]]", nil},
		{"upvalue", "local m\nfunction mail(c) m = c.macros end\nfunction rcpt(c) return m['{x}'] end", "map[x:[3]]", nil},
		{"helper", "local function get(m) return m.b end\nfunction mail(c)\n get(c.macros) end", "map[b:[1]]", nil},
		{"constant", "local K = '{v}'\nfunction mail(c) return c.macros[K] end", "map[v:[2]]", nil},
		{"computed", "function mail(c, k)\n return c.macros[k] end", "map[]", []int{2}},
		{"computed alias", "function mail(c, k)\n local m = c.macros\n return m[k] end", "map[]", []int{3}},
		{"pairs", "function mail(c)\n for k in pairs(c.macros) do end end", "map[]", []int{2}},
		{"passed on", "local log = require 'log'\nfunction mail(c)\n log.info(c.macros) end", "map[]", []int{3}},
		{"stored", "function mail(c)\n c.m = c.macros end", "map[]", []int{2}},
		{"in a table", "function mail(c)\n local t = {c.macros} end", "map[]", []int{2}},
		{"returned", "local function m(c)\n return c.macros end\nfunction mail(c) m(c) end", "map[]", []int{2}},
		{"global", "function mail(c)\n m = c.macros end", "map[]", []int{2}},
		{"method", "function mail(c)\n c.macros:get('i') end", "map[]", []int{2}},
		{"tested", "function mail(c) if c.macros and c.macros.i then end end", "map[i:[1]]", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			names, computed := mustParse(t, "x.lua", tt.text).Macros()
			if got := fmt.Sprint(names); got != tt.names || !equalLines(computed, tt.computed) {
				t.Errorf("got %s %v, want %s %v", got, computed, tt.names, tt.computed)
			}
		})
	}
}

func equalLines(a, b []int) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

func TestComputed(t *testing.T) {
	tests := []struct {
		name, text string
		want       []int
	}{
		{"plain", "function rcpt(c, k) c.x = c.y end", nil},
		{"own table", "local t = {}\nfunction rcpt(c, k) return t[k] end", nil},
		{"direct", "function rcpt(c, k)\n return c[k] end", []int{2}},
		{"write", "function rcpt(c, k)\n c[k] = 1 end", []int{2}},
		{"connection", "function rcpt(c, k)\n local x = c.connection\n return x[k] end", []int{3}},
		{"msg", "function eom(c, msg)\n return msg[c.x] end", []int{2}},
		{"string argument", "function helo(c, name) return name[c.x] end", nil},
		{"numbers", "function eoh(c, h) for i = 1, #h do local x = h[i], h[1], h[#h], h[i+1] end end", nil},
		{"ipairs index", "function eoh(c, h) for i in ipairs{1,2} do local x = h[i] end end", nil},
		{"counter", "function eoh(c, h) local i = 1; while h[i] do i = i + 1 end end", nil},
		{"not a number", "function eoh(c, h) local i = 1; i = c.x\n return h[i] end", []int{2}},
		{"field record", "function eoh(c, h)\n return h[1][c.k] end", []int{2}},
		{"field by ipairs", "function eoh(c, h) for i, f in ipairs(h) do\n local x = f[c.k] end end", []int{2}},
		{"constant", "local K = 'x'\nfunction rcpt(c) return c[K] end", nil},
		{"alias", "function rcpt(c, k) local d; d = c\n return d[k] end", []int{2}},
		{"upvalue", "local cur\nfunction mail(c) cur = c end\nlocal function f(k)\n return cur[k] end", []int{4}},
		{"helper", "local function get(t, k)\n return t[k] end\nfunction rcpt(c) get(c, 'x') end", []int{2}},
		{"helper not given conn", "local function get(t, k) return t[k] end\nfunction rcpt(c) get({}, c.x) end", nil},
		{"second argument", "local function get(t, c) return t[c.ip] end\nfunction rcpt(c) get({}, c) end", nil},
		{"unknown function", "local function get(t, k)\n return t[k] end\nfunction rcpt(c) f(c, get) end", []int{2}},
		{"method taken apart", "local function get(t, k) return t[k] end\nfunction eom(c, msg) pcall(msg.add_header, msg, get({}, c.x)) end", nil},
		{"module without callback", "local spf = require 'spf'\nlocal function get(t, k) return t[k] end\nfunction rcpt(c) spf.check(c) return get({}, 1) end", nil},
		{"module with callback", "local m = require 'm'\nlocal function get(t, k)\n return t[k] end\nfunction rcpt(c) m.with(c, get) end", []int{3}},
		{"stored in a field", "local s = {}\nfunction rcpt(c) s.c = c end\nlocal function f(k)\n return s.c[k] end", []int{4}},
		{"stored in a list", "local s = {}\nfunction rcpt(c) s[1] = c\n return s[1][c.k] end", []int{3}},
		{"inserted", "local s = {}\nfunction rcpt(c) table.insert(s, c)\n return s[1][c.k] end", []int{3}},
		{"metatable", "function rcpt(c, k) local p = setmetatable({}, {__index = c})\n return p[k] end", []int{2}},
		{"returned", "local function id(c) return c end\nfunction rcpt(c, k)\n return id(c)[k] end", []int{3}},
		{"pcall", "local function get(t, k)\n return t[k] end\nfunction rcpt(c) pcall(get, c, 'x') end", []int{2}},
		{"vararg", "local function f(...)\n local c = ...\n return c[c.k] end\nfunction rcpt(c) f(c) end", []int{3}},
		{"several hooks", "local function f(c, k)\n return c[k] end\nmail, rcpt = f, f", []int{2}},
		{"hook through _G", "_G.rcpt = function(c, k)\n return c[k] end", []int{2}},
		{"hook by computed name", "for _, h in ipairs{'mail'} do _G[h] = function(c, k)\n return c[k] end end", []int{2}},
		{"hook from a wrapper", "local function w(f) return f end\nrcpt = w(function(c, k)\n return c[k] end)", []int{3}},
		{"hook from a table", "local M = {}\nfunction M.rcpt(c, k)\n return c[k] end\nrcpt = M.rcpt", []int{3}},
		{"method of conn", "local function f(self, k)\n return self[k] end\nfunction rcpt(c) c.f = f; c:f('x') end", []int{2}},
		{"host callback", "function eom(c, msg) msg:each(function(f)\n return f[c.k] end) end", []int{2}},
		{"harmless builtins", "local function get(t, k) return t[k] end\nfunction rcpt(c) for k in pairs(c) do print(k) end return type(c), tostring(c), rawget(c, 'x'), next(c) end", nil},
		{"load", "function rcpt(c)\n return load('return ' .. c.x)() end", []int{2}},
		{"module file", "local M = {}\nfunction M.get(t, k)\n return t[k] end\nreturn M", []int{3}},
		{"numeric alias chain", "function eoh(c, h) local a = 1; local b = a; local d = b; return h[d] end", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustParse(t, "x.lua", tt.text).Computed(); !equalLines(got, tt.want) {
				t.Errorf("Computed() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestComputedGivesUpSafely(t *testing.T) {
	// each pass moves conn one variable back: too slow to follow to the end
	var b strings.Builder
	for i := 0; i < 3*maxPasses; i++ {
		fmt.Fprintf(&b, "local v%d\n", i)
	}
	b.WriteString("local function f(k) return v0[k] end\n")
	for i := 0; i < 3*maxPasses-1; i++ {
		fmt.Fprintf(&b, "v%d = v%d\n", i, i+1)
	}
	fmt.Fprintf(&b, "function mail(c) v%d = c end\n", 3*maxPasses-1)
	if got := mustParse(t, "x.lua", b.String()).Computed(); len(got) != 1 {
		t.Errorf("Computed() = %v", got)
	}
}

func TestPassed(t *testing.T) {
	s := mustParse(t, "x.lua", `local spf = require "spf"
local function mine(c) return c.ip end
function mail(conn)
  spf.check(conn)
  mine(conn)
  require("util").note(conn)
  conn.f(conn)
  unheard_of(conn)
  conn.f = nil
end
rcpt = require("hooks").rcpt`)
	want := []Pass{{4, "spf"}, {6, "util"}, {7, ""}, {8, ""}, {11, "hooks"}}
	if got := s.Passed(); !reflect.DeepEqual(got, want) {
		t.Errorf("Passed() = %v, want %v", got, want)
	}
	s = mustParse(t, "x.lua", `local greylist = require "greylist"
local util = require "util"
local g, u = greylist.new{}, util.new()
function rcpt(conn, r)
  g:check(conn, conn.sender, r)
  u:check(conn)
end`)
	want = []Pass{{5, "greylist"}, {6, ""}}
	if got := s.Passed(); !reflect.DeepEqual(got, want) {
		t.Errorf("Passed() = %v, want %v", got, want)
	}
}

func TestCalls(t *testing.T) {
	s := mustParse(t, "x.lua", `function eom(conn, msg)
  msg:delete_header("X")
  msg:delete_header("X", 1)
  msg:delete_header(f())
  msg:delete_header((f()))
  msg.delete_header(msg, "X")
  local d = msg.delete_header
end`)
	want := []Call{{2, 1, false}, {3, 2, false}, {4, 1, true}, {5, 1, false}, {6, 0, true}, {7, 0, true}}
	if got := s.Calls("delete_header"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRequires(t *testing.T) {
	s := mustParse(t, "x.lua", `local a = require "dns"
local b = require("store").open()
local name = "log"
local c = require(name)
local ok, d = pcall(require, "extra")
local e = require("x" .. name)
local f = require
pcall(function() return require "maybe" end)
local function g(require) return require "no" end`)
	want := []Require{{"dns", 1, false}, {"store", 2, false}, {"log", 4, false}, {"extra", 5, true}, {"", 6, false}, {"", 7, false}, {"maybe", 8, true}}
	if got := s.Requires(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSyntaxErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"function", "\n\nfunction a()\n  x = 1\n", "x.lua:3:1: 'function' opened at line 3 is never closed"},
		{"if inside", "function a()\n  if x then\n    y()\nend\nfunction b()\nend\n", "x.lua:2:3: 'if' opened at line 2 is never closed"},
		{"loop", "while x do\n for i = 1, 2 do\n end\n", "x.lua:1:1: 'while' opened at line 1 is never closed"},
		{"bracket", "f(1,\n2", "x.lua:1:2: '(' opened at line 1 is never closed"},
		{"long string", "x = 1\ny = [[\nfoo", "x.lua:2:5: '[[' opened at line 2 is never closed"},
		{"long comment", "x = 1\n--[[ foo\n", "x.lua:2:1: '--[[' opened at line 2 is never closed"},
		{"statement", "x = 1\ny =\n", "x.lua:2: the script ends in the middle of a statement"},
		{"not equal", "if x != y then end", "x.lua:1:6: syntax error near '!'; Lua writes ~= for \"not equal\" and not for \"not\""},
		{"comparison", "if x = y then end", "x.lua:1:6: syntax error near '='; a comparison is written =="},
		{"word", "local x = 1 foo bar", "x.lua:1:17: syntax error near 'bar'"},
		{"quote", "x = \"abc\ny = 1", "x.lua:1:5: the string is not closed on its line"},
		{"typographic", "x = “a”", "x.lua:1:5: the byte 0xE2 stands outside a string; a typographic quote or dash, perhaps"},
		{"bom", "\ufeffx = 1", "x.lua:1:1: the file begins with a byte order mark; save it as UTF-8 without one"},
		{"nested", strings.Repeat("(", 300), "x.lua:1:200: more than 200 blocks and brackets inside one another"},
		{"chain", "x = 1" + strings.Repeat("+1", 10000), "x.lua:1: this statement or expression has too many parts; break it up"},
		{"calls", "f" + strings.Repeat("()", 10000), "x.lua:1: this statement or expression has too many parts; break it up"},
		{"unary", "x = " + strings.Repeat("- ", 10000) + "1", "x.lua:1: this statement or expression has too many parts; break it up"},
		{"size", strings.Repeat(" ", maxSource+1), "x.lua: the script is larger than 4 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("x.lua", []byte(tt.text))
			var se *SyntaxError
			if !errors.As(err, &se) || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestShebangKeepsLines(t *testing.T) {
	if got := mustParse(t, "x.lua", "#!/usr/bin/lua\nx = conn.y").Lines("y"); !equalLines(got, []int{2}) {
		t.Errorf("got %v", got)
	}
}

func TestSourceIsSafeToShare(t *testing.T) {
	s := mustParse(t, "x.lua", "function rcpt(c, k) seen[k] = c.macros.i; c[k]() end")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s.Check(testAPI())
			s.Macros()
			s.Computed()
		})
	}
	wg.Wait()
}
