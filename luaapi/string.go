package luaapi

import (
	"math"
	"math/bits"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

var stringModule = Module{
	"string", Library,
	"Lua's strings, which are bytes: `name:lower()` is `string.lower(name)`. Patterns are Lua's, described in the manual, section 5.4.1. Places count from 1, and from the end with -1. A string has at most the " +
		"length that is configured for the daemon.",
	nil,
	[]Func{
		{"byte", "s: string, i: integer?, j: integer?", "integer?", "", "The bytes of `s` from `i`, by default 1, to `j`, by default `i`, each as a number and a result of its own.", "There are tens of thousands of them.", stringManual, onEnv((*Env).stringByte)},
		{"char", "...: integer", "string", "", "Makes a string of the bytes `...`.", "One is not 0 to 255.", stringManual, onEnv((*Env).stringChar)},
		{"find", "s: string, pattern: string, init: integer?, plain: boolean?", "integer?", "", "Looks for `pattern` in `s` from the place `init` on, and returns where the match begins, where it ends, and its captures; nil if there is none. With `plain`, `pattern` is text in which no character is special.", badPattern, stringManual, onEnv((*Env).stringFind)},
		{"format", "layout: string, ...: any", "string", "", "Fills in `layout`: `%d %i %u %o %x %X %c` take an integer of `...`, `%e %E %f %g %G` a number, `%s` any value as `tostring` shows it, `%q` a string that it writes as Lua does; `%%` is a percent sign.", "There is no value for a directive, or one of the wrong type; another directive.", stringManual, onEnv((*Env).stringFormat)},
		{"gfind", "s: string, pattern: string", "iterator", "", "An old name of `gmatch`: `s` and `pattern` are as there.", badPattern, stringManual, onEnv((*Env).stringGmatch)},
		{"gmatch", "s: string, pattern: string", "iterator", "", "For a for loop over all matches of `pattern` in `s`: `for user, domain in s:gmatch(\"(%w+)@(%w+)\") do ... end`. It gives the captures, or the match if there are none. A `^` is not special.", badPattern, stringManual, onEnv((*Env).stringGmatch)},
		{"gsub", "s: string, pattern: string, replacement: string|table|function, n: integer?", "string", "", "Returns `s` with the matches of `pattern`, or the first `n` of them, replaced, and how many those were. In a string as `replacement`, `%1` to `%9` stand for the captures, `%0` for the match, `%%` for a percent sign; a table is asked for the first capture, a function is called with all of them, and nil or false leaves the match as it is.", "`replacement` gives what is no string and no number; the result is longer than a string may be; " + badPattern, stringManual, onEnv((*Env).stringGsub)},
		{"len", "s: string", "integer", "", "The length of `s` in bytes.", "", stringManual, onEnv((*Env).stringLen)},
		{"lower", "s: string", "string", "", "Returns `s` with small letters for A to Z. Other bytes stay as they are.", "", stringManual, onEnv((*Env).stringLower)},
		{"match", "s: string, pattern: string, init: integer?", "string|integer?", "", "Looks for `pattern` in `s` from the place `init` on, and returns the captures of the match, or the match if there are none; nil without a match. The capture `()` is a place.", badPattern, stringManual, onEnv((*Env).stringMatch)},
		{"rep", "s: string, n: integer", "string", "", "Returns `s`, `n` times.", "The result is longer than a string may be.", stringManual, onEnv((*Env).stringRep)},
		{"reverse", "s: string", "string", "", "Returns the bytes of `s` from the last to the first.", "", stringManual, onEnv((*Env).stringReverse)},
		{"sub", "s: string, i: integer, j: integer?", "string", "", "The part of `s` from `i` to `j`, by default to the end.", "", stringManual, onEnv((*Env).stringSub)},
		{"upper", "s: string", "string", "", "Returns `s` with capital letters for a to z. Other bytes stay as they are.", "", stringManual, onEnv((*Env).stringUpper)},
	},
}

const (
	stringManual = "Lua 5.1 manual section 5.4"
	badPattern   = "`pattern` is malformed, or takes longer than the hook may."
)

// onEnv makes a binding of a function that needs its VM.
func onEnv(f func(*Env, *lua.LState) int) func(*Env) lua.LGFunction {
	return func(e *Env) lua.LGFunction { return func(L *lua.LState) int { return f(e, L) } }
}

// subject returns the string that a function is about. A body does for one, without a copy.
func subject(L *lua.LState, function string) string {
	switch v := L.Get(1).(type) {
	case lua.LString:
		return string(v)
	case *lua.LUserData:
		if isBody(v.Value) {
			return textOfBody(L, v.Value)
		}
	}
	return checkString(L, function, 1)
}

// pushSubject pushes the string that a function is about as a result, as it came if it can.
func (e *Env) pushSubject(L *lua.LState, s string) int {
	if e.isLent(s) {
		e.Budget.Count(len(s))
		L.Push(lua.LString(strings.Clone(s)))
	} else if v, ok := L.Get(1).(lua.LString); ok && len(v) == len(s) {
		L.Push(L.Get(1))
	} else {
		L.Push(lua.LString(s))
	}
	return 1
}

// place makes a place counted from 1 of one that may count from the end; 0 is before the first (lstrlib.c: posrelat).
func place(at, length int) int {
	if at < 0 {
		at += length + 1
	}
	return max(at, 0)
}

// passed is what an instruction is worth in bytes, as a power of two, that are looked at or copied.
const passed = 8

func (e *Env) stringByte(L *lua.LState) int {
	s := subject(L, "byte")
	i := place(optInt(L, "byte", 2, 1), len(s))
	j := min(place(optInt(L, "byte", 3, i), len(s)), len(s))
	i = max(i, 1)
	if i > j {
		return 0
	}
	if !reserve(L, j-i+1) {
		L.RaiseError("stack overflow (string slice too long)")
	}
	for _, c := range []byte(s[i-1 : j]) {
		L.Push(whole[c])
	}
	return j - i + 1
}

func (e *Env) stringChar(L *lua.LState) int {
	b := e.takeBuffer()
	for arg := 1; arg <= L.GetTop(); arg++ {
		c := checkInt(L, "char", arg)
		if c < 0 || c > math.MaxUint8 {
			argError(L, "char", arg, "invalid value")
		}
		b = append(b, byte(c))
	}
	L.Push(lua.LString(e.made(b)))
	return 1
}

func (e *Env) stringLen(L *lua.LState) int {
	L.Push(wholeNumber(len(subject(L, "len"))))
	return 1
}

func (e *Env) stringLower(L *lua.LState) int { return e.pushCase(L, "lower", 'A', &e.lowered) }

func (e *Env) stringUpper(L *lua.LState) int { return e.pushCase(L, "upper", 'a', &e.uppered) }

// pushCase pushes the subject with its letters in the other case, of the alphabet that begins with first.
func (e *Env) pushCase(L *lua.LState, function string, first byte, done **converted) int {
	s := subject(L, function)
	e.spend(L, len(s)>>passed)
	at := firstLetter(s, first)
	if at == len(s) {
		return e.pushSubject(L, s)
	}
	if len(s) > maxText {
		e.grow(L, len(s))
		L.Push(lua.LString(otherCase(s, at, first)))
		return 1
	}
	to, known := converts(done, s)
	if !known {
		*to = lua.LString(otherCase(s, at, first))
	}
	L.Push(*to)
	return 1
}

func (e *Env) stringRep(L *lua.LState) int {
	s := subject(L, "rep")
	n := checkInt(L, "rep", 2)
	if n <= 0 || s == "" {
		L.Push(lua.LString(""))
		return 1
	}
	over, size := bits.Mul64(uint64(len(s)), uint64(n))
	if over > 0 || size > math.MaxInt {
		size = math.MaxInt
	}
	e.grow(L, int(size))
	e.spend(L, int(size)>>passed)
	L.Push(lua.LString(strings.Repeat(s, n)))
	return 1
}

func (e *Env) stringReverse(L *lua.LState) int {
	s := subject(L, "reverse")
	e.spend(L, len(s)>>passed)
	e.grow(L, len(s))
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
	}
	L.Push(lua.LString(givenUp(b)))
	return 1
}

func (e *Env) stringSub(L *lua.LState) int {
	s := subject(L, "sub")
	i := max(place(checkInt(L, "sub", 2), len(s)), 1)
	j := min(place(optInt(L, "sub", 3, -1), len(s)), len(s))
	switch {
	case i > j:
		L.Push(lua.LString(""))
	case j-i+1 == len(s):
		return e.pushSubject(L, s)
	default:
		L.Push(e.piece(s, i-1, j))
	}
	return 1
}
