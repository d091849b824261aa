package luaapi

import (
	"math"
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

var bit32Module = Module{
	"bit32", Library,
	"Numbers as 32 bits: the library of Lua 5.2. What does not fit in 32 bits is taken modulo 2^32; results are from 0 to 2^32-1.",
	nil,
	[]Func{
		{"arshift", "x: number, n: integer", "integer", "", "The bits of `x` moved `n` places to the right, filled up with copies of the highest.", "", manualBit32, shift("arshift", arshift)},
		{"band", "...: number?", "integer", "", "The bits that are set in all of `...`.", "", manualBit32, fold("band", math.MaxUint32, func(a, b uint32) uint32 { return a & b })},
		{"bnot", "x: number", "integer", "", "The bits that are not set in `x`.", "", manualBit32, plainly(bitNot)},
		{"bor", "...: number?", "integer", "", "The bits that are set in any of `...`.", "", manualBit32, fold("bor", 0, func(a, b uint32) uint32 { return a | b })},
		{"btest", "...: number?", "boolean", "", "Whether any bit is set in all of `...`.", "", manualBit32, plainly(bitTest)},
		{"bxor", "...: number?", "integer", "", "The bits that are set in an odd number of `...`.", "", manualBit32, fold("bxor", 0, func(a, b uint32) uint32 { return a ^ b })},
		{"extract", "x: number, field: integer, width: integer?", "integer", "", "The number in the bits `field` to `field`+`width`-1 of `x`; `width` is 1 by default, bit 0 the lowest.", "There are no such bits.", manualBit32, plainly(bitExtract)},
		{"lrotate", "x: number, n: integer", "integer", "", "The bits of `x` moved `n` places to the left, and in again at the right.", "", manualBit32, shift("lrotate", func(x uint32, n int) uint32 { return bits.RotateLeft32(x, n) })},
		{"lshift", "x: number, n: integer", "integer", "", "The bits of `x` moved `n` places to the left.", "", manualBit32, shift("lshift", lshift)},
		{"replace", "x: number, v: number, field: integer, width: integer?", "integer", "", "`x` with its bits `field` to `field`+`width`-1 set to `v`; `width` is 1 by default.", "There are no such bits.", manualBit32, plainly(bitReplace)},
		{"rrotate", "x: number, n: integer", "integer", "", "The bits of `x` moved `n` places to the right, and in again at the left.", "", manualBit32, shift("rrotate", func(x uint32, n int) uint32 { return bits.RotateLeft32(x, -n) })},
		{"rshift", "x: number, n: integer", "integer", "", "The bits of `x` moved `n` places to the right.", "", manualBit32, shift("rshift", func(x uint32, n int) uint32 { return lshift(x, -n) })},
	},
}

const manualBit32 = "Lua 5.2 manual section 6.7"

// checkBits returns a number's lowest 32 bits, less a fraction.
func checkBits(L *lua.LState, function string, arg int) uint32 {
	f := math.Mod(math.Trunc(checkNumber(L, function, arg)), 1<<32)
	if f != f {
		return 0
	}
	return uint32(int64(f))
}

func pushBits(L *lua.LState, x uint32) int {
	L.Push(wholeNumber(int(x)))
	return 1
}

// fold binds a function of any number of arguments.
func fold(name string, start uint32, f func(a, b uint32) uint32) func(*Env) lua.LGFunction {
	return plainly(func(L *lua.LState) int { return pushBits(L, foldBits(L, name, start, f)) })
}

func foldBits(L *lua.LState, name string, x uint32, f func(a, b uint32) uint32) uint32 {
	for i := 1; i <= L.GetTop(); i++ {
		x = f(x, checkBits(L, name, i))
	}
	return x
}

// shift binds a function of some bits and a number of places.
func shift(name string, f func(x uint32, n int) uint32) func(*Env) lua.LGFunction {
	return plainly(func(L *lua.LState) int {
		return pushBits(L, f(checkBits(L, name, 1), checkInt(L, name, 2)))
	})
}

func lshift(x uint32, n int) uint32 {
	if n < 0 {
		return x >> uint(-n)
	}
	return x << uint(n)
}

func arshift(x uint32, n int) uint32 {
	if n < 0 {
		return x << uint(-n)
	}
	return uint32(int32(x) >> uint(n))
}

func bitNot(L *lua.LState) int { return pushBits(L, ^checkBits(L, "bnot", 1)) }

func bitTest(L *lua.LState) int {
	x := foldBits(L, "btest", math.MaxUint32, func(a, b uint32) uint32 { return a & b })
	L.Push(lua.LBool(x != 0))
	return 1
}

func bitExtract(L *lua.LState) int {
	x := checkBits(L, "extract", 1)
	at, mask := bitField(L, "extract", 2)
	return pushBits(L, x>>at&mask)
}

func bitReplace(L *lua.LState) int {
	x, v := checkBits(L, "replace", 1), checkBits(L, "replace", 2)
	at, mask := bitField(L, "replace", 3)
	return pushBits(L, x&^(mask<<at)|v&mask<<at)
}

// bitField returns where a field begins, and as many ones as it is wide.
func bitField(L *lua.LState, function string, arg int) (at uint, mask uint32) {
	first, width := checkInt(L, function, arg), optInt(L, function, arg+1, 1)
	if first < 0 {
		argError(L, function, arg, "field cannot be negative")
	}
	if width <= 0 {
		argError(L, function, arg+1, "width must be positive")
	}
	if first+width > 32 {
		L.RaiseError("trying to access non-existent bits")
	}
	return uint(first), uint32(1<<uint(width) - 1)
}
