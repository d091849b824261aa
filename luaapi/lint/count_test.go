package lint

import (
	"slices"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func TestCompileCounted(t *testing.T) {
	for _, c := range []struct {
		name, source string
		lines        []int // that have a statement
		ran          []int // in this order
		result       string
	}{
		{"straight on", "local a = 1\nlocal b = 2\nreturn a + b", []int{1, 2, 3}, []int{1, 2, 3}, "3"},
		{"nothing", "", nil, nil, "nil"},
		{"branches", "local a = 1\nif a == 2 then\n  a = 3\nelseif a == 1 then\n  a = 4\nelse\n  a = 5\nend\nreturn a", []int{1, 2, 3, 4, 5, 7, 9}, []int{1, 2, 4, 5, 9}, "4"},
		{"a loop", "local s = 0\nfor i = 1, 2 do\n  s = s + i\nend\nreturn s", []int{1, 2, 3, 5}, []int{1, 2, 3, 3, 5}, "3"},
		{"other loops", "local n = 0\nwhile n < 2 do\n  n = n + 1\nend\nrepeat\n  n = n + 1\nuntil n > 3\nfor _, v in ipairs{ 5 } do\n  n = n + v\nend\nreturn n",
			[]int{1, 2, 3, 5, 6, 8, 9, 11}, []int{1, 2, 3, 3, 5, 6, 6, 8, 9, 11}, "9"},
		{"functions", "local function f(x)\n  return x\nend\nlocal t = { g = function(y)\n  return y + 1\nend }\nreturn f(1) + t.g(1)", []int{1, 2, 4, 5, 7}, []int{1, 4, 7, 2, 5}, "3"},
		{"a function that never runs", "function f()\n  return 1\nend\nreturn 2", []int{1, 2, 4}, []int{1, 4}, "2"},
		{"a goto over a label at the end", "local n = 0\nfor i = 1, 2 do\n  if i == 1 then goto next end\n  n = n + i\n  ::next::\nend\nreturn n", []int{1, 2, 3, 4, 7}, []int{1, 2, 3, 3, 3, 4, 7}, "2"},
		{"a swap", "local a, b = 1, 2\na, b = b, a\nreturn a * 10 + b", []int{1, 2, 3}, []int{1, 2, 3}, "21"},
		{"a tail call", "local function f()\n  return 7\nend\nlocal function g()\n  return f()\nend\nreturn g()", []int{1, 2, 4, 5, 7}, []int{1, 4, 7, 5, 2}, "7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse("x.lua", []byte(c.source))
			if err != nil {
				t.Fatal(err)
			}
			const base = 1000
			proto, lines, err := s.CompileCounted("(count)", base)
			if err != nil {
				t.Fatal(err)
			}
			L := lua.NewState()
			defer L.Close()
			var ran []int
			L.SetGlobal("(count)", L.NewFunction(func(L *lua.LState) int {
				ran = append(ran, L.CheckInt(1)-base)
				return 0
			}))
			L.Push(L.NewFunctionFromProto(proto))
			if err := L.PCall(0, 1, nil); err != nil {
				t.Fatal(err)
			}
			if got := L.Get(-1).String(); got != c.result {
				t.Errorf("returned %s, want %s", got, c.result)
			}
			if !slices.Equal(lines, c.lines) || !slices.Equal(ran, c.ran) {
				t.Errorf("lines %v, want %v\nran %v, want %v", lines, c.lines, ran, c.ran)
			}
		})
	}
}

// Counting changes no text and nothing in what Compile makes later.
func TestCompileCountedLeavesTheSource(t *testing.T) {
	s, err := Parse("x.lua", []byte("local a = 1\nreturn a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CompileCounted("(count)", 0); err != nil {
		t.Fatal(err)
	}
	proto, err := s.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if len(proto.Constants) != 1 {
		t.Errorf("constants %v: the plain program counts too", proto.Constants)
	}
}
