package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/re"
)

const (
	regexSource  = "RE2, github.com/google/re2/wiki/Syntax"
	badRegex     = "`pattern` is no expression, has a back reference or looks around, or is longer than 16 KiB; `flags` has another letter."
	regexFlags   = "`flags` are letters: `i` ignores case, `m` has `^` and `$` match at each line, `s` has `.` match line breaks, `b` has the text be bytes instead of UTF-8"
	tooManyFound = "There are more than 100,000 matches."
)

var reModule = Module{
	"re", Require,
	"Regular expressions as RE2 has them: what Perl has, but for back references and looking around. The time they take grows with the text whatever the expression, so no mail can make one run for minutes.\n\n" +
		"Compile expressions at the top of the script: `local invoice = re.compile([[\\binvoice\\s+(\\d+)]], \"i\")`; in `[[ ]]` backslashes stay as they are. What is compiled is kept for all connections. Lua's own patterns (`string.find`) are quicker for what is short and simple; " +
		"expressions have alternatives, `{2,5}`, and Unicode, and are quick on long texts and long lists.\n\n" +
		"A text is UTF-8; a byte in it that is not counts as one character, which `.` matches. With the flag `b` each byte is a character, and `\\xe9` is that byte.",
	nil,
	[]Func{
		{"compile", "pattern: string, flags: string?", "regex", "", "Compiles `pattern` to an expression with the methods of [regex](#regex). " + regexFlags + ".", badRegex, regexSource, (*Env).bindReCompile},
		{"set", "patterns: string[], flags: string?", "regexset", "", "Compiles `patterns`, an array of up to 10,000 strings, to a set that finds in one pass over a text which of them match. " + regexFlags + ".",
			"One of `patterns` is no string or no expression: the error says which; `flags` has another letter.", regexSource, (*Env).bindReSet},
		{"escape", "text: string", "string", "", "Makes an expression that matches `text` and nothing else.", "", "", (*Env).bindReEscape},
	},
}

var regexsetModule = Module{
	"regexset", Object,
	"Expressions that are looked for together, from `re.set`.",
	nil,
	[]Func{
		{"match", "text: string", "integer[]", "", "Which of the expressions match in `text`: an array of their places in the array that the set was made of, in order; empty if none does.", "The set is too large for RE2's memory with that text.", regexSource, (*Env).bindRegexsetMatch},
	},
}

// What expressions cost in instructions and bytes; a step of RE2 takes a quarter of an instruction's time for each byte.
const (
	regexCompileSteps  = 4000
	regexCompileBytes  = 32 << 10
	regexCallSteps     = 16
	regexBytesPerStep  = 4
	regexMatchBytes    = 96
	regexBytesPerPlace = 16
)

func (e *Env) bindReCompile() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "re.compile"
		e.dotted(L, function)
		source := text(L, function, 1, "the pattern")
		flags, _ := optionalText(L, function, 2, "flags")
		cache := &e.Files.Expressions
		if !cache.Knows(source, flags) {
			e.spendCompiling(L, 1)
		}
		r, err := cache.Compile(source, flags)
		orRaise(L, function, err)
		L.Push(e.object(r, once(&e.regexMeta, func() { e.regexMeta = e.regexMetatable(&regexModule) })))
		return 1
	}
}

// spendCompiling counts the compiling of so many expressions.
func (e *Env) spendCompiling(L *lua.LState, n int) {
	e.Budget.Count(n * regexCompileBytes)
	e.spend(L, n*regexCompileSteps)
}

// regexMetatable makes the metatable of one of the two objects.
func (e *Env) regexMetatable(m *Module) *lua.LTable {
	mt := e.metatable(m.Name, map[string]lua.LGFunction{"__newindex": readOnly("a "+m.Name, "it stays as it was compiled")})
	mt.RawSetString("__index", m.methods(e))
	mt.RawSetString("__tostring", e.L.NewFunction(func(L *lua.LState) int {
		name := m.Name
		if ud, ok := L.Get(1).(*lua.LUserData); ok {
			if r, ok := ud.Value.(*re.Regexp); ok {
				name = r.Source()
			}
		}
		L.Push(lua.LString(name))
		return 1
	}))
	return mt
}

func (e *Env) bindReSet() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "re.set"
		e.dotted(L, function)
		t, ok := L.Get(1).(*lua.LTable)
		if !ok {
			L.RaiseError("%s: patterns is %s; an array of strings was expected", function, kindOf(L.Get(1)))
		}
		sources := make([]string, t.Len())
		for i := range sources {
			s, ok := t.RawGetInt(i + 1).(lua.LString)
			if !ok {
				L.RaiseError("%s: expression %d is %s; a string was expected", function, i+1, kindOf(t.RawGetInt(i+1)))
			}
			sources[i] = string(s)
		}
		flags, _ := optionalText(L, function, 2, "flags")
		cache := &e.Files.Expressions
		if !cache.KnowsSet(sources, flags) {
			e.spendCompiling(L, 2*len(sources))
		}
		set, err := cache.CompileSet(sources, flags)
		orRaise(L, function, err)
		L.Push(e.object(set, once(&e.regexsetMeta, func() { e.regexsetMeta = e.regexMetatable(&regexsetModule) })))
		return 1
	}
}

func (e *Env) bindRegexsetMatch() lua.LGFunction {
	return func(L *lua.LState) int {
		const method = "regexset:match"
		set, ok := receiver(L, "set", "match").Value.(*re.Set)
		if !ok {
			raiseNoMethod(L, "set", "match")
		}
		s := content(L, method, 2)
		e.spendSearch(L, s)
		found, err := set.Find(s)
		orRaise(L, method, err)
		e.Budget.Count(tableSize + len(found)*itemSize)
		out := L.CreateTable(len(found), 0)
		for i, n := range found {
			out.RawSetInt(i+1, wholeNumber(n+1))
		}
		L.Push(out)
		return 1
	}
}

// spendSearch counts a search of a text.
func (e *Env) spendSearch(L *lua.LState, s string) {
	e.spend(L, regexCallSteps+len(s)/regexBytesPerStep)
}

// specialInRegex are the characters that have a meaning in expressions.
const specialInRegex = `\.+*?()|[]{}^$-&~#`

func (e *Env) bindReEscape() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "re.escape"
		e.dotted(L, function)
		s := text(L, function, 1, "the text")
		e.grow(L, 2*len(s))
		var out strings.Builder
		for i := range len(s) {
			switch {
			case s[i] == 0:
				out.WriteString(`\x00`)
				continue
			case strings.IndexByte(specialInRegex, s[i]) >= 0:
				out.WriteByte('\\')
			}
			out.WriteByte(s[i])
		}
		L.Push(lua.LString(out.String()))
		return 1
	}
}
