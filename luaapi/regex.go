package luaapi

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/pattern"
	"luamilter/luaapi/re"
)

var regexModule = Module{
	"regex", Object,
	"A compiled expression, from `re.compile`. `tostring` gives its text. Where a method begins at a place `init`, `^` matches there; what is before does not count. A capture that took no part in a match is nil.",
	nil,
	[]Func{
		{"test", "text: string", "boolean", "", "Whether there is a match in `text`: the quickest of the methods.", "", regexSource, (*Env).bindRegexTest},
		{"find", "text: string, init: integer?", "integer?, integer?, string?", "", "Where the first match in `text` from `init` on begins and ends, and its captures; nil if there is none.", "", regexSource, (*Env).bindRegexFind},
		{"match", "text: string, init: integer?", "string?", "", "The captures of the first match in `text` from `init` on, each a result, or the match if the expression has none; nil if there is none.", "", regexSource, (*Env).bindRegexMatch},
		{"captures", "text: string, init: integer?", "table?", "", "The first match in `text` from `init` on as a table: `[0]` is the match, `[1]` and so on are its captures, and those with a name, as in `(?P<domain>...)`, are there by their name too; nil if there is none.", "", regexSource, (*Env).bindRegexCaptures},
		{"gmatch", "text: string", "iterator<string>", "", "For a for loop over all matches in `text`: gives what `match` does for each.", tooManyFound, regexSource, (*Env).bindRegexGmatch},
		{"gsub", "text: string, replacement: string|table|function, n: integer?", "string, integer", "", "Returns `text` with the matches, or the first `n` of them, replaced, and how many those were. In a string as `replacement`, `%1` to `%9` stand for the captures, `%0` for the match, `%%` for a percent sign; a table is asked for the first capture, or the match if there is none, a function is called with what `match` gives. Nil or false leaves the match as it is.",
			"`replacement` has another character behind a `%`, or gives what is no string and no number; the result is longer than a string may be. " + tooManyFound, regexSource, (*Env).bindRegexGsub},
		{"split", "text: string, n: integer?", "string[]", "", "What is between the matches in `text`: an array of strings, of at most `n`, the last of which has the rest. Before a match at the beginning, and after one at the end, there is an empty string.", "`n` is less than 1. " + tooManyFound, regexSource, (*Env).bindRegexSplit},
	},
}

// regexCall is a call of a method.
type regexCall struct {
	*re.Regexp
	method  string
	subject string
}

// regexCalled returns the expression and the text of a running method.
func (e *Env) regexCalled(L *lua.LState, name string) regexCall {
	r, ok := receiver(L, "regex", name).Value.(*re.Regexp)
	if !ok {
		raiseNoMethod(L, "regex", name)
	}
	c := regexCall{Regexp: r, method: "regex:" + name}
	c.subject = content(L, c.method, 2)
	e.spendSearch(L, c.subject)
	return c
}

// first returns the places of the first match from init on, nil without one.
func (c *regexCall) first(L *lua.LState) []int {
	start := 0
	if L.Get(3) != lua.LNil {
		start = pattern.Offset(integer(L, c.method, 3, "init"), len(c.subject))
	}
	if start > len(c.subject) {
		return nil
	}
	at := c.Find(c.subject[start:])
	for i := range at {
		if at[i] >= 0 {
			at[i] += start
		}
	}
	return at
}

// all returns the places of all matches, or the first n.
func (e *Env) regexAll(L *lua.LState, c *regexCall, n int) [][]int {
	all, err := c.All(c.subject, n, func(expected time.Duration) error {
		if time.Now().Add(expected).After(e.Budget.Until()) {
			return e.Budget.Expire()
		}
		return e.Budget.Look()
	})
	if err != nil {
		orRaisePlainly(L, e.Budget.Err())
		orRaise(L, c.method, err)
	}
	e.Budget.Count(len(all) * (regexMatchBytes + regexBytesPerPlace*len(c.Names())))
	e.spend(L, len(all)*regexCallSteps)
	return all
}

// regexCapture returns capture i of a match: 0 is the match.
func (e *Env) regexCapture(s string, at []int, i int) lua.LValue {
	if at[2*i] < 0 {
		return lua.LNil
	}
	return e.piece(s, at[2*i], at[2*i+1])
}

// pushRegexMatch pushes the captures of a match, or without any the match.
func (e *Env) pushRegexMatch(L *lua.LState, s string, at []int) int {
	n := len(at) / 2
	if n == 1 {
		L.Push(e.regexCapture(s, at, 0))
		return 1
	}
	for i := 1; i < n; i++ {
		L.Push(e.regexCapture(s, at, i))
	}
	return n - 1
}

func (e *Env) bindRegexTest() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "test")
		L.Push(lua.LBool(c.Test(c.subject)))
		return 1
	}
}

func (e *Env) bindRegexFind() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "find")
		at := c.first(L)
		if at == nil {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(wholeNumber(at[0] + 1))
		L.Push(wholeNumber(at[1]))
		if len(at) == 2 {
			return 2
		}
		return 2 + e.pushRegexMatch(L, c.subject, at)
	}
}

func (e *Env) bindRegexMatch() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "match")
		at := c.first(L)
		if at == nil {
			L.Push(lua.LNil)
			return 1
		}
		return e.pushRegexMatch(L, c.subject, at)
	}
}

func (e *Env) bindRegexCaptures() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "captures")
		at := c.first(L)
		if at == nil {
			L.Push(lua.LNil)
			return 1
		}
		e.Budget.Count(tableSize)
		t := L.CreateTable(len(at)/2, len(at)/2)
		for i, name := range c.Names() {
			v := e.regexCapture(c.subject, at, i)
			t.RawSetInt(i, v)
			if name != "" {
				t.RawSetString(name, v)
			}
		}
		L.Push(t)
		return 1
	}
}

func (e *Env) bindRegexGmatch() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "gmatch")
		all := e.regexAll(L, &c, -1)
		L.Push(L.NewFunction(func(L *lua.LState) int {
			if len(all) == 0 {
				return 0
			}
			at := all[0]
			all = all[1:]
			return e.pushRegexMatch(L, c.subject, at)
		}))
		return 1
	}
}

func (e *Env) bindRegexSplit() lua.LGFunction {
	return func(L *lua.LState) int {
		c := e.regexCalled(L, "split")
		n := -1
		if L.Get(3) != lua.LNil {
			n = integer(L, c.method, 3, "n")
			if n < 1 {
				L.RaiseError("%s: n is %d; 1 or more was expected", c.method, n)
			}
			n--
		}
		all := e.regexAll(L, &c, n)
		e.Budget.Count(tableSize + len(all)*itemSize)
		out := L.CreateTable(len(all)+1, 0)
		start := 0
		for i, at := range all {
			out.RawSetInt(i+1, e.piece(c.subject, start, at[0]))
			start = at[1]
		}
		out.RawSetInt(len(all)+1, e.piece(c.subject, start, len(c.subject)))
		L.Push(out)
		return 1
	}
}
