package luaapi

import (
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// byteStrings are the strings of one byte.
var byteStrings = func() (all [256]lua.LValue) {
	for i := range all {
		all[i] = lua.LString([]byte{byte(i)})
	}
	return all
}()

// largeText is the length from which on a string is not kept alive by a small part of it: below that of a chunk that body(conn, chunk) is given.
const largeText = 32 << 10

// piece returns part of a string as a Lua value. It shares the memory of the string, unless that is much more than the part: a script
// that keeps a word of each body must not keep the bodies.
func (e *Env) piece(s string, start, end int) lua.LValue {
	n := end - start
	switch {
	case n == 1:
		return byteStrings[s[start]]
	case len(s) >= largeText && n < len(s)/16, e.isLent(s):
		e.Budget.Count(n)
		return lua.LString(strings.Clone(s[start:end]))
	}
	return lua.LString(s[start:end])
}

// givenUp returns bytes as a string without a copy. Nothing may write to them any more.
func givenUp(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
