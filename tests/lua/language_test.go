package lua_test

import (
	_ "embed"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	limits "luamilter/luaapi/budget"
)

//go:embed testdata/driver.lua
var languageDriver string

//go:embed testdata/language.lua
var languageCases string

const languageLoop = `
for line in io.lines() do
  io.write(hex(answer(unhex(line))), "\n")
end`

// TestLanguage compares Lua and its libraries, but for string, with lua5.1: what each of many small pieces of Lua returns or raises.
func TestLanguage(t *testing.T) {
	zone := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = zone })

	cases := append(strings.Split(strings.TrimSpace(languageCases), "\n\n"), generated()...)
	single := len(cases)
	cases = append(cases, programs(3000)...)
	questions := make([]string, len(cases))
	for i, c := range cases {
		questions[i] = hexOf(c)
	}
	answers := ask(t, "UTC", languageDriver+languageLoop, questions)
	ours := newLanguageVM(t)
	used := make([]int, len(differences))
	different, lines, reported := 0, 0, 0
	for i, c := range cases {
		want, err := hex.DecodeString(answers[i][1:])
		if err != nil {
			t.Fatal(err)
		}
		got := normal(ours.answer(c))
		if normal(string(want)) == got {
			continue
		}
		if placed(normal(string(want)), got) {
			lines++
			continue
		}
		if d := intended(c, normal(string(want)), got); d >= 0 && i < single {
			used[d]++
			different++
			continue
		}
		if reported++; reported <= 6000 {
			t.Errorf("%s\n          luamilter %s\n          lua5.1    %s", c, got, normal(string(want)))
		}
	}
	if reported > 0 {
		t.Errorf("%d differences", reported)
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("there is no case for the difference %q", differences[i].reason)
		}
	}
	t.Logf("%d cases, %d of them different on purpose, and %d errors with a line that lua5.1 does not give", len(cases), different, lines)
}

// languageVM answers as lua5.1 does.
type languageVM struct {
	t      *testing.T
	L      *lua.LState
	budget *limits.Budget
}

func newLanguageVM(t *testing.T) *languageVM {
	t.Helper()
	b := &limits.Budget{MaxString: 64 << 20}
	b.Begin(1<<24, time.Hour)
	L := luaapi.Open(b).L
	t.Cleanup(L.Close)
	if err := L.DoString(languageDriver); err != nil {
		t.Fatal(err)
	}
	return &languageVM{t, L, b}
}

func (v *languageVM) answer(code string) string {
	v.budget.Begin(1<<24, time.Hour)
	if err := v.L.CallByParam(lua.P{Fn: v.L.GetGlobal("answer"), NRet: 1, Protect: true}, lua.LString(code)); err != nil {
		return "panic: " + strings.SplitN(err.Error(), "\n", 2)[0]
	}
	s := v.L.Get(-1).String()
	v.L.Pop(1)
	return s
}

// wordings make one of two texts for the same: gopher-lua says in other words what an operator refuses, and lua5.1 names the variable.
var wordings = []struct {
	expression *regexp.Regexp
	text       string
}{
	{regexp.MustCompile(`-nan`), "nan"},
	{regexp.MustCompile(`(c:\d+: )(?:c:\d+: )+`), "$1"}, // lua5.1 says again where the function of coroutine.wrap was called
	{regexp.MustCompile(`(<string>|\(command line\)):\d+:`), "driver:"},
	{regexp.MustCompile(`(table|function|thread|userdata): (builtin: )?0x[0-9a-f]+`), "$1: 0x"},
	{regexp.MustCompile(`attempt to (index|call|perform arithmetic on|concatenate|get length of) (?:local|global|field|upvalue|method) '[^']*' \((a \w+ value)\)`), "attempt to $1 $2"},
	{regexp.MustCompile(`attempt to call a \w+ value`), "attempt to call a non-function object"},
	{regexp.MustCompile(`attempt to index a non-table object\((\w+)\) with key '[^']*'`), "attempt to index a $1 value"},
	{regexp.MustCompile(`cannot perform (?:add|sub|mul|div|mod|pow) operation between (\w+) and \w+|__unm undefined`), "attempt to perform arithmetic on a table value"},
	{regexp.MustCompile(`cannot perform concat operation between (\w+) and \w+`), "attempt to concatenate a table value"},
	{regexp.MustCompile(`attempt to compare two (\w+) values`), "attempt to compare $1 with $1"},
	{regexp.MustCompile(`(?:loop in|too many recursions in) ([gs]ettable)`), "loop in $1"},
	{regexp.MustCompile(`stack overflow[^']*`), "stack overflow"},
}

func normal(answer string) string {
	for _, w := range wordings {
		answer = w.expression.ReplaceAllString(answer, w.text)
	}
	return answer
}
