package lua_test

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	luabudget "luamilter/luaapi/budget"
)

//go:embed string.lua
var stringChunk string

// stringCall is a call of a function of the string library. Arguments are written as string.lua reads them.
type stringCall struct {
	how, name string
	arguments []string
}

func (c stringCall) String() string {
	return fmt.Sprintf("%s %s(%q)", c.how, c.name, c.arguments)
}

func (c stringCall) written() string {
	s := text(c.how) + text(c.name) + text(strconv.Itoa(len(c.arguments)))
	for _, a := range c.arguments {
		s += text(a)
	}
	return s
}

// TestStringsAgainstLua holds the string library to lua5.1: the same calls, made by the same chunk, must give the same values and errors.
func TestStringsAgainstLua(t *testing.T) {
	const calls, batch = 60_000, 3_000
	o, v := newOracle(t), newScriptVM(t, stringChunk)
	g := &callGenerator{generator{Rand: rand.New(rand.NewPCG(5, 4))}}
	asked, slow, failed, different := 0, 0, 0, 0
	for asked < calls && different < 5 {
		var questions []stringCall
		var answers []string
		input := ""
		for len(questions) < batch {
			c := g.call()
			answer, err := v.ask(c.written())
			if err != nil {
				slow++
				continue
			}
			questions, answers, input = append(questions, c), append(answers, texts(answer)[0]), input+c.written()
		}
		answer, err := o.ask(stringChunk, input, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		want := texts(answer)
		if len(want) != len(questions) {
			t.Fatalf("%d answers to %d calls", len(want), len(questions))
		}
		for i, got := range answers {
			if strings.HasPrefix(got, "error ") {
				failed++
			}
			if got != want[i] {
				different++
				t.Errorf("%v:\n   here %q\n lua5.1 %q", questions[i], got, want[i])
			}
		}
		asked += len(questions)
	}
	t.Logf("%d calls, %d of them errors, %d different; %d more were too slow to ask", asked, failed, different, slow)
	if slow*50 > asked {
		t.Errorf("%d of %d calls are too slow: more than 2%%", slow, asked)
	}
}

// scriptVM is a VM as scripts have it, that runs a chunk.
type scriptVM struct {
	*luaapi.Env
	chunk *lua.LFunction
}

func newScriptVM(t *testing.T, chunk string) *scriptVM {
	t.Helper()
	v := &scriptVM{Env: luaapi.Open(&luabudget.Budget{MaxString: 1 << 20})}
	t.Cleanup(v.L.Close)
	var err error
	if v.chunk, err = v.L.Load(strings.NewReader(chunk), "chunk"); err != nil {
		t.Fatal(err)
	}
	return v
}

// ask runs the chunk as oracle.ask does. It fails if that takes too long.
func (v *scriptVM) ask(argument string) (string, error) {
	v.Budget.Begin(20_000, time.Hour)
	if err := v.L.CallByParam(lua.P{Fn: v.chunk, NRet: 1, Protect: true}, lua.LString(argument)); err != nil {
		return "", err
	}
	s := v.L.Get(-1).String()
	v.L.Pop(1)
	return s, nil
}

// callGenerator makes calls with arguments that are likely to mean something, and some that do not.
type callGenerator struct {
	generator
}

func (g *callGenerator) call() stringCall {
	for {
		c := g.next()
		if strings.Contains(c.pattern, "\x00") || strings.Contains(c.replacement, "%\x00") { // pattern_test.go has them
			continue
		}
		call := stringCall{how: g.one([]string{"direct", "direct", "method"})}
		call.name = g.one([]string{"find", "match", "gmatch", "gsub", "gsub", "gsub", "format", "sub", "byte", "rep", "char", "len", "lower", "upper", "reverse"})
		call.arguments = g.argumentsOf(call.name, c)
		g.spoil(&call)
		if call.askable() {
			return call
		}
	}
}

// argumentsOf returns good arguments.
func (g *callGenerator) argumentsOf(name string, c patternCase) []string {
	s, p := "s"+c.subject, "s"+c.pattern
	switch name {
	case "find":
		return g.some([]string{s, p, g.place(len(c.subject)), g.one([]string{"btrue", "bfalse", "i", "n0"})}, 2)
	case "match":
		return g.some([]string{s, p, g.place(len(c.subject))}, 2)
	case "gmatch":
		return []string{s, p}
	case "gsub":
		with := g.one([]string{"s" + c.replacement, "s" + c.replacement, "f" + strconv.Itoa(1+g.IntN(13)), "t" + strconv.Itoa(1+g.IntN(5)), "n7"})
		return g.some([]string{s, p, with, g.place(4)}, 3)
	case "format":
		return g.formatCall()
	case "sub", "byte":
		return g.some([]string{s, g.place(len(c.subject)), g.place(len(c.subject))}, 2)
	case "rep":
		return []string{s, g.place(4)}
	case "char":
		var all []string
		for range g.IntN(4) {
			all = append(all, "n"+strconv.Itoa(g.IntN(258)))
		}
		return all
	}
	return []string{g.one([]string{s, p, "s" + someOf(g.Rand, "aZzA@[`{ \xe9\xc9\x00m", 40), "n15"})}
}

// some leaves out some of the last arguments, but for the first least.
func (g *callGenerator) some(all []string, least int) []string {
	return all[:least+g.IntN(len(all)-least+1)]
}

// place is an argument that is a place in a string, or about.
func (g *callGenerator) place(length int) string {
	n := g.IntN(2*length+7) - length - 3
	switch g.IntN(12) {
	case 0:
		return "s" + strconv.Itoa(n)
	case 1:
		return g.one([]string{"s 2 ", "s0x3", "s1e0", "s-2.7", "s+1", "s"})
	case 2:
		return "h" + strconv.Itoa(n)
	case 3:
		return "i"
	}
	return "n" + strconv.Itoa(n)
}

// formatCall returns a format and arguments. %s gets nothing but strings and numbers: here it takes more.
func (g *callGenerator) formatCall() []string {
	layout := ""
	var all []string
	for range g.IntN(4) {
		layout += someOf(g.Rand, "ab: \n", 4)
		if g.chance(10) {
			layout += g.one([]string{"%%", "%y", "%ll", "%123d", "%-+ #0-d"})
		}
		verb := g.one([]string{"c", "d", "i", "o", "u", "x", "X", "e", "g", "f", "s", "s", "q"})
		layout += "%" + g.one([]string{"", "", "5", "-5", "05", ".2", "8.3", "+", "#", " ", "120"}) + verb
		switch a := g.one([]string{"s" + someOf(g.Rand, "abc\r\n\"\\\xe9", 9), "s12", "s 0x1f ", "n65", "n-3", "h7", "n100000000000000", "btrue", "i", "t1", "f1"}); {
		case verb == "s" && !strings.Contains("snh", a[:1]):
		case verb == "c" && a == "n100000000000000": // what C leaves undefined: see luaapi/format
		default:
			all = append(all, a)
			continue
		}
		all = append(all, "sword")
	}
	return append([]string{"s" + layout + g.one([]string{"", "", " b", "%", "%5"})}, all...)
}

// spoil puts an argument of another type into one call of ten, leaves one out, or adds one.
func (g *callGenerator) spoil(c *stringCall) {
	if !g.chance(10) || c.name == "format" {
		return
	}
	wrong := g.one([]string{"btrue", "bfalse", "i", "t1", "t5", "f1", "sx", "n5", "h3", "s"})
	i := g.IntN(len(c.arguments) + 1)
	if i == len(c.arguments) {
		c.arguments = append(c.arguments, wrong)
		return
	}
	if g.chance(30) {
		c.arguments = c.arguments[:i]
		return
	}
	c.arguments = append(append([]string{}, c.arguments[:i]...), append([]string{wrong}, c.arguments[i+1:]...)...)
}

// askable tells whether the call can be made at all: a method needs an object that has it.
func (c stringCall) askable() bool {
	return c.how != "method" || len(c.arguments) > 0 && c.arguments[0][0] == 's'
}
