package lint

import (
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// TestRewrite runs what gopher-lua compiles wrongly. More of it is in tests/lua, compared with lua5.1.
func TestRewrite(t *testing.T) {
	for script, want := range map[string]string{
		`local a, b = 1, 2 a, b = b, a return a .. b`:                                                                 "21",
		`local a, b, c = 1, 2, 3 a, b, c = c, a, b return a .. b .. c`:                                                "312",
		`local i, t = 1, {} t[i], i = 20, i + 1 return i .. t[1]`:                                                     "220",
		`local i, t = 1, {} i, t[i] = i + 1, 20 return i .. t[1]`:                                                     "220",
		`local t = {x = 1} local function f() return t, 5 end local x f().x, x = x, 7 return tostring(t.x) .. x`:      "nil7",
		`if true then local a, b = 1, 2 a, b = b, a return a .. b end`:                                                "21",
		`if false then else local a, b = 1, 2 a, b = b, a return a .. b end`:                                          "21",
		`while true do local a, b = 1, 2 a, b = b, a return a .. b end`:                                               "21",
		`repeat local a, b = 1, 2 a, b = b, a until b == 1 return 1`:                                                  "1",
		`for i = 1, 1 do local a, b = 1, 2 a, b = b, a return a .. b end`:                                             "21",
		`for i in pairs{1} do local a, b = 1, 2 a, b = b, a return a .. b end`:                                        "21",
		`return (function() local a, b = 1, 2 a, b = (function() a, b = b, a return a, b end)() return a .. b end)()`: "21",
		`local n = 0 for k in next, {1, 2} do n = n + k end return n`:                                                 "3",
		`local function f() return {1, 2} end local n = 0 for k in next, f() do n = n + k end return n`:               "3",
		`return (function(s) s = (s:upper()) return s end)("x")`:                                                      "X",
		`return (function(a, s) s = (s:upper()), 1 return s end)(1, "x")`:                                             "X",
		`return 010 + 08 + 0x10 + 0.5`:                                                                                "34.5",
	} {
		src, err := Parse("s.lua", []byte(script))
		if err != nil {
			t.Fatal(err)
		}
		proto, err := src.Compile()
		if err != nil {
			t.Fatal(err)
		}
		L := lua.NewState()
		L.Push(L.NewFunctionFromProto(proto))
		if err := L.PCall(0, 1, nil); err != nil {
			t.Errorf("%s: %v", script, err)
		} else if got := L.Get(-1).String(); got != want {
			t.Errorf("%s is %s, want %s", script, got, want)
		}
		L.Close()
	}
}
