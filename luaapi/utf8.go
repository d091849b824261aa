package luaapi

import (
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

var utf8Module = Module{
	"utf8", Library,
	"UTF-8 text: the library of Lua 5.3. Positions are those of bytes, from 1; negative ones count from the end.",
	[]Property{
		{"charpattern", "string", "A pattern for one character, in a string that is UTF-8.", manualUTF8},
	},
	[]Func{
		{"char", "...: integer?", "string", "", "The characters with the code points `...`.", "One of them is no code point.", manualUTF8, (*Env).bindUTF8Char},
		{"codepoint", "s: string, i: integer?, j: integer?", "integer", "", "The code points of the characters of `s` that begin at `i` (1) to `j` (`i`).", "They are not UTF-8; a position is out of range.", manualUTF8, (*Env).bindUTF8Codepoint},
		{"codes", "s: string", "function", "", "For `for p, c in utf8.codes(s)`: goes through position and code point of the characters of `s`.", "What it comes to is not UTF-8.", manualUTF8, (*Env).bindUTF8Codes},
		{"len", "s: string, i: integer?, j: integer?", "integer?, integer?", "", "How many characters of `s` begin at `i` (1) to `j` (-1). If it is not UTF-8 there, nil and the position of the first wrong byte.", "A position is out of range.", manualUTF8, (*Env).bindUTF8Len},
		{"offset", "s: string, n: integer, i: integer?", "integer?", "", "Where the `n`-th character of `s` begins, counted from the one at `i` (1, or behind the last for a negative `n`); for 0, where the one begins that byte `i` is part of. Nil if there is none.", "`i` is out of range, or inside a character.", manualUTF8, (*Env).bindUTF8Offset},
	},
}

const manualUTF8 = "Lua 5.3 manual section 6.5"

// charPattern is Lua 5.3's, with %z for NUL as patterns of Lua 5.1 have it.
const charPattern = "[%z\x01-\x7f\xc2-\xf4][\x80-\xbf]*"

// decode returns the character that s begins with, and its length, 0 if it is not UTF-8. Halves of surrogates count, as in Lua 5.3.
func decode(s string) (c rune, size int) {
	c, size = utf8.DecodeRuneInString(s)
	if c != utf8.RuneError || size > 1 {
		return c, size
	}
	if len(s) >= 3 && s[0] == 0xed && s[1] >= 0xa0 && inside(s, 1) && inside(s, 2) {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return 0, 0
}

// encode appends a character, halves of surrogates too.
func encode(dst []byte, c rune) []byte {
	if 0xd800 <= c && c < 0xe000 {
		return append(dst, 0xed, 0x80|byte(c>>6)&0x3f, 0x80|byte(c)&0x3f)
	}
	return utf8.AppendRune(dst, c)
}

// inside reports whether the byte at i, counting from 0, is not the first of its character.
func inside(s string, i int) bool { return i < len(s) && s[i]&0xc0 == 0x80 }

// position returns an argument that is a position, counting from 1; 0 if it is before the beginning.
func position(L *lua.LState, function string, arg, def, size int) int {
	i := optInt(L, function, arg, def)
	if i < 0 {
		i = max(0, size+i+1)
	}
	return i
}

func (e *Env) bindUTF8Char() lua.LGFunction {
	return func(L *lua.LState) int {
		var out []byte
		for i := 1; i <= L.GetTop(); i++ {
			c := checkInt(L, "char", i)
			if c < 0 || c > utf8.MaxRune {
				argError(L, "char", i, "value out of range")
			}
			out = encode(out, rune(c))
		}
		L.Push(lua.LString(out))
		return 1
	}
}

func (e *Env) bindUTF8Codepoint() lua.LGFunction {
	return func(L *lua.LState) int {
		s := checkString(L, "codepoint", 1)
		i := position(L, "codepoint", 2, 1, len(s))
		j := position(L, "codepoint", 3, i, len(s))
		if i < 1 {
			argError(L, "codepoint", 2, "out of range")
		}
		if j > len(s) {
			argError(L, "codepoint", 3, "out of range")
		}
		if i > j {
			return 0
		}
		if !reserve(L, j-i+1) {
			L.RaiseError("string slice too long")
		}
		e.spend(L, (j-i)/8)
		n := 0
		for at := i - 1; at < j; n++ {
			c, size := decode(s[at:])
			if size == 0 {
				L.RaiseError("invalid UTF-8 code")
			}
			L.Push(wholeNumber(int(c)))
			at += size
		}
		return n
	}
}

func (e *Env) bindUTF8Codes() lua.LGFunction {
	step := e.L.NewFunction(e.nextCode)
	return func(L *lua.LState) int {
		s := checkString(L, "codes", 1)
		L.Push(step)
		L.Push(lua.LString(s))
		L.Push(whole[0])
		return 3
	}
}

// nextCode is a step of utf8.codes.
func (e *Env) nextCode(L *lua.LState) int {
	s, at := checkString(L, "codes", 1), checkInt(L, "codes", 2)-1
	if at < 0 {
		at = 0
	} else if at < len(s) {
		from := at
		for at++; inside(s, at); at++ {
		}
		e.spend(L, (at-from)/16)
	}
	if at >= len(s) {
		return 0
	}
	c, size := decode(s[at:])
	if size == 0 || inside(s, at+size) {
		L.RaiseError("invalid UTF-8 code")
	}
	L.Push(wholeNumber(at + 1))
	L.Push(wholeNumber(int(c)))
	return 2
}

func (e *Env) bindUTF8Len() lua.LGFunction {
	return func(L *lua.LState) int {
		s := checkString(L, "len", 1)
		i, j := position(L, "len", 2, 1, len(s))-1, position(L, "len", 3, -1, len(s))-1
		if i < 0 || i > len(s) {
			argError(L, "len", 2, "initial position out of string")
		}
		if j >= len(s) {
			argError(L, "len", 3, "final position out of string")
		}
		n := 0
		for i <= j {
			_, size := decode(s[i:])
			if size == 0 {
				L.Push(lua.LNil)
				L.Push(wholeNumber(i + 1))
				return 2
			}
			i += size
			if n++; n%1024 == 0 {
				e.spend(L, 128)
			}
		}
		L.Push(wholeNumber(n))
		return 1
	}
}

func (e *Env) bindUTF8Offset() lua.LGFunction {
	return func(L *lua.LState) int {
		s, n := checkString(L, "offset", 1), checkInt(L, "offset", 2)
		def := 1
		if n < 0 {
			def = len(s) + 1
		}
		i := position(L, "offset", 3, def, len(s)) - 1
		if i < 0 || i > len(s) {
			argError(L, "offset", 3, "position out of range")
		}
		if n != 0 && inside(s, i) {
			L.RaiseError("initial position is a continuation byte")
		}
		at, found := offset(s, n, i)
		e.spend(L, max(at-i, i-at)/16)
		pushNumber(L, float64(at+1), found)
		return 1
	}
}

// offset returns where the n-th character begins, as seen from i. Positions count from 0 here.
func offset(s string, n, i int) (at int, found bool) {
	if n == 0 {
		for i > 0 && inside(s, i) {
			i--
		}
		return i, true
	}
	for ; n < 0 && i > 0; n++ {
		for i--; i > 0 && inside(s, i); i-- {
		}
		if n == -1 {
			return i, true
		}
	}
	for ; n > 1 && i < len(s); n-- {
		for i++; inside(s, i); i++ {
		}
	}
	return i, n == 1
}
