package lint

import (
	"strings"
	"testing"
)

// TestOnlyRead lists what may be done with a value that is somebody else's, and what may not.
func TestOnlyRead(t *testing.T) {
	methods := map[string]bool{"find": true, "sub": true}
	for body, want := range map[string]bool{
		``:                                        true,
		`return`:                                  true,
		`local n = #chunk`:                        true,
		`conn.n = conn.n + #chunk`:                true,
		`if chunk == "x" then return end`:         true,
		`return "x" ~= chunk`:                     true,
		`return chunk:find("x")`:                  true,
		`conn.tail = chunk:sub(-9)`:               true,
		`return (chunk):find("x")`:                true,
		`return (#chunk > 9 and chunk):find("x")`: true,
		`return (conn.a or chunk):sub(1)`:         true,
		`return (#chunk < 9 and conn.tail or chunk):sub(-9)`:             true,
		`chunk = "x" return chunk:find("x")`:                             true,
		`while chunk:find("x") do break end`:                             true,
		`local f = function(chunk) return chunk end return f("x")`:       false, // though another variable of that name
		`local f = function() end return f`:                              false,
		`do local chunk = "mine" conn.kept = chunk end return #chunk`:    true,
		`conn.kept = chunk`:                                              false,
		`conn.kept = conn.kept or chunk`:                                 false,
		`local mine = chunk`:                                             false,
		`kept = chunk`:                                                   false,
		`conn[chunk] = 1`:                                                false,
		`local t = { chunk }`:                                            false,
		`local t = { [chunk] = 1 }`:                                      false,
		`return chunk`:                                                   false,
		`f(chunk)`:                                                       false,
		`string.find(chunk, "x")`:                                        false,
		`return chunk:lower()`:                                           false,
		`return chunk:gmatch("x")`:                                       false,
		`return chunk.find`:                                              false,
		`return conn.tail:find(chunk)`:                                   false,
		`return chunk:find(chunk)`:                                       false,
		`return chunk:sub(1):find(chunk)`:                                false,
		`conn.kept = conn.kept .. chunk`:                                 true,
		`local joint = (conn.tail or "") .. chunk .. "x" return joint`:   true,
		`return ("x" .. (conn.a or chunk)):find("x")`:                    true,
		`return chunk .. f(chunk)`:                                       false,
		`return chunk < "x"`:                                             false, // may call a metamethod with it
		`return chunk + 1`:                                               false,
		`return -chunk`:                                                  false,
		`for k in chunk do end`:                                          false,
		`return function() return chunk:find("x") end`:                   false,
		`local function f() return #chunk end return f()`:                false,
		`return (function() return #chunk end)()`:                        false,
		`conn.kept = (chunk):find("x") and chunk`:                        false,
		`return f(#chunk and chunk)`:                                     false,
		`if conn.a then chunk = chunk .. "x" end return chunk:find("x")`: true,
		`error(chunk)`:                                                   false,
		`if #chunk > 1 then return chunk:find("x", 1, true) end conn.n = #chunk return chunk:sub(1, 2) == "ab"`: true,
	} {
		text := "local kept\nfunction body(conn, chunk) " + body + " end"
		s, err := Parse("s.lua", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if got := s.OnlyRead(2, 2, methods); got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
	several := "function a(conn, chunk) return #chunk end function b(conn, chunk) return chunk end"
	for text, want := range map[string]bool{
		"x = 1": false,
		"function body(conn, ...) return select('#', ...) end": false,
		"function body(...) end":                               false,
		"function body(conn) end":                              true,
		"function body() end":                                  true,
		several:                                                false,
		strings.ReplaceAll(several, "return chunk", "return #chunk"):                   true,
		"local M = {} function M.body(conn, chunk) return #chunk end":                  true,
		"local function note(conn, chunk) return chunk == conn.x end body = note":      true,
		"local function note(conn, chunk) conn.x = chunk end body = note":              false,
		"body = function(conn, chunk) return chunk:find('x') end":                      true,
		"local M = {} function M:body(chunk) return chunk:find('x') end":               true,
		"local M = {} function M:body(chunk) self.kept = chunk end":                    false,
		"function body(conn, chunk) return #chunk end kept = function() end":           true,
		"function outer() function body(conn, chunk) return #chunk end end":            false, // two begin there
		"function body(conn, chunk) goto done ::done:: return #chunk end":              true,
		"function body(conn, chunk) repeat local n = #chunk until chunk == conn.x end": true,
	} {
		s, err := Parse("s.lua", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := s.OnlyRead(1, 2, methods); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
