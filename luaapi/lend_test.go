package luaapi

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// readings are things that a hook may do with a text that is lent to it, each an expression.
var readings = []string{
	`#chunk`, `chunk == kept[1]`, `kept[1] ~= chunk`, `chunk:sub(1)`, `chunk:sub(1, -1)`, `chunk:sub(2)`, `chunk:sub(3, 20)`, `chunk:sub(-9)`, `chunk:sub(5, 5)`,
	`chunk:sub(1, 0)`, `chunk:find("b")`, `select(3, chunk:find("(b.*)"))`, `select(3, chunk:find("()b"))`, `chunk:match(".*")`, `chunk:match("^.")`,
	`chunk:match("b(.*)")`, `chunk:match("(.)(.)")`, `chunk:match("")`, `chunk:byte(1, 3)`, `chunk:len()`, `chunk .. ""`, `"" .. chunk`, `chunk .. chunk`,
	`chunk .. 1`, `"x" .. chunk .. "y"`, `"" .. chunk .. ""`, `(#chunk > 3 and chunk or "z"):sub(2)`, `(#chunk > 3 and chunk or "z"):match(".+")`, `(kept.none or chunk):sub(1)`,
	`chunk:sub(1):sub(2):upper()`, `chunk:sub(2):rep(2)`, `keeper .. chunk`, `chunk .. keeper`, `keeper .. chunk .. "x"`, `"x" .. chunk .. keeper`, `{chunk:match("(.)(.*)")}`,
	`{(chunk .. ""):gsub("b", "c")}`, `select(2, pcall(same, chunk:sub(1)))`, `tostring(chunk:sub(1))`, `("%s"):format(chunk:match("..+"))`,
	`chunk:sub(1):lower()`, `{chunk:sub(1):gmatch(".+")()}`,
}

// TestLentTextsLeaveNoTrace runs hooks that do such things with a text in a buffer. When the buffer is used again, what they kept must still be
// what it would be with a text of their own: whatever a script may do, it never sees a byte of another message.
func TestLentTextsLeaveNoTrace(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 800 {
		var hook strings.Builder
		for range 1 + rnd.IntN(4) {
			fmt.Fprintf(&hook, "kept[#kept + 1] = %s\n", readings[rnd.IntN(len(readings))])
		}
		script := `
			kept = {}
			function same(...) return ... end
			keeper = setmetatable({}, { __concat = function(a, b)
				kept[#kept + 1], kept[#kept + 2] = a, b
				return a == keeper and b or a
			end })
			function string.sub(s) kept[#kept + 1] = s return s end
			string.find, string.match, string.byte, string.len = string.sub, string.sub, string.sub, string.sub
			function body(conn, chunk)
			` + hook.String() + `end`
		source, err := lint.Parse("s.lua", []byte(script))
		if err != nil {
			t.Fatal(err)
		}
		if line := 1 + strings.Count(script[:strings.Index(script, "function body")], "\n"); !source.OnlyRead(line, 2, LentMethods) {
			t.Fatalf("the hook does more than look at the chunk:\n%s", hook.String())
		}
		text := []string{"abcdefghijklmnopqrstuvwxyz b B", "b", "abc", "bb\nbb"}[rnd.IntN(4)]
		if rnd.IntN(2) == 0 {
			text = strings.Repeat(text, 2000) // beyond what pieces of are always copied
		}
		want := whatIsKept(t, script, func(*Env) lua.LValue { return lua.LString(text) }, func() {})
		buffer := []byte(text)
		got := whatIsKept(t, script, func(e *Env) lua.LValue {
			return e.Lend(unsafe.String(unsafe.SliceData(buffer), len(buffer)))
		}, func() { copy(buffer, strings.Repeat("#", len(buffer))) })
		if got != want {
			t.Fatalf("%s\nkept %.300q\nwant %.300q", hook.String(), got, want)
		}
	}
}

// whatIsKept calls the script's hook with a chunk, and returns all that is in its table kept after something was done.
func whatIsKept(t *testing.T, script string, chunk func(*Env) lua.LValue, after func()) string {
	t.Helper()
	v := newVM(t, protocol.StageBody)
	if _, err := v.run(script); err != nil {
		t.Fatal(err)
	}
	if err := v.L.CallByParam(lua.P{Fn: v.L.GetGlobal("body"), Protect: true}, lua.LNil, chunk(v.Env)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	v.End()
	after()
	var out strings.Builder
	var write func(t *lua.LTable)
	write = func(t *lua.LTable) {
		t.ForEach(func(k, value lua.LValue) {
			if inner, ok := value.(*lua.LTable); ok && inner.Metatable == lua.LNil {
				write(inner)
			} else if !ok {
				fmt.Fprintf(&out, "%v=%v\n", k, value)
			}
		})
	}
	write(v.L.GetGlobal("kept").(*lua.LTable))
	return out.String()
}
