package luaapi

import (
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Every Lua value that is made of a Go string or number is an allocation. The most common there need be only once.

// smallNumbers are 0, 1, 2 and so on: bytes, counts, and most places in a string.
var smallNumbers = func() (all [1024]lua.LValue) {
	for i := range all {
		all[i] = lua.LNumber(i)
	}
	return all
}()

// byteStrings are the strings of one byte.
var byteStrings = func() (all [256]lua.LValue) {
	for i := range all {
		all[i] = lua.LString([]byte{byte(i)})
	}
	return all
}()

// numberValue returns an integer as a Lua value.
func numberValue(n int) lua.LValue {
	if uint(n) < uint(len(smallNumbers)) {
		return smallNumbers[n]
	}
	return lua.LNumber(n)
}

// large is the length from which on a string is not kept alive by a small part of it.
const large = 64 << 10

// piece returns part of a string as a Lua value. It shares the memory of the string, unless that is much more than the part: a script
// that keeps a word of each body must not keep the bodies.
func piece(s string, start, end int) lua.LValue {
	n := end - start
	switch {
	case n == 1:
		return byteStrings[s[start]]
	case len(s) >= large && n < len(s)/16:
		return lua.LString(strings.Clone(s[start:end]))
	}
	return lua.LString(s[start:end])
}

// givenUp returns bytes as a string without a copy. Nothing may write to them any more.
func givenUp(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
