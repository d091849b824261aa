package miltertest

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// arguments are what a script gives to a function of mt. What is wrong with them raises an error in the script.
type arguments struct {
	l    *lua.LState
	name string // of the function
	lib  *library
}

// raise raises an error in the script. As with miltertest its message has no place in it; the place is kept for those that nothing catches.
func (a arguments) raise(message string) {
	message = "mt." + a.name + "(): " + message
	a.lib.raised, a.lib.place = message, strings.TrimSpace(a.l.Where(1))
	a.l.Error(lua.LString(message), 0)
}

func (a arguments) invalid() { a.raise("Invalid argument") }

// count holds the number of arguments to what the function takes.
func (a arguments) count(least, most int) {
	if n := a.l.GetTop(); n < least || n > most {
		a.invalid()
	}
}

// conn returns the connection that is the argument.
func (a arguments) conn(i int) *conn {
	if handle, ok := a.l.Get(i).(*lua.LUserData); ok {
		if c, ok := handle.Value.(*conn); ok {
			if c.closed {
				a.raise("the connection was closed by mt.disconnect()")
			}
			return c
		}
	}
	a.invalid()
	return nil
}

// isText reports whether an argument is a string, or a number, which Lua takes for one.
func (a arguments) isText(i int) bool {
	switch a.l.Get(i).Type() {
	case lua.LTString, lua.LTNumber:
		return true
	}
	return false
}

func (a arguments) text(i int) string {
	if !a.isText(i) {
		a.invalid()
	}
	return lua.LVAsString(a.l.Get(i))
}

// texts returns all arguments from one on.
func (a arguments) texts(from int) []string {
	var all []string
	for i := from; i <= a.l.GetTop(); i++ {
		all = append(all, a.text(i))
	}
	return all
}

// number returns a number, which may be written as a string.
func (a arguments) number(i int) float64 {
	switch v := a.l.Get(i).(type) {
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		text := strings.TrimSpace(string(v))
		if n, err := strconv.ParseInt(text, 0, 64); err == nil {
			return float64(n)
		}
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	}
	a.invalid()
	return 0
}

// numberOr returns a number, or another one where the argument is nil.
func (a arguments) numberOr(i int, other uint32) uint32 {
	if a.l.Get(i) == lua.LNil {
		return other
	}
	return uint32(a.number(i))
}

// answer gives the script one value.
func (a arguments) answer(v lua.LValue) int {
	a.l.Push(v)
	return 1
}

// done gives the script nil, or as a string what went wrong.
func (a arguments) done(err error) int {
	if err != nil {
		return a.answer(lua.LString(err.Error()))
	}
	return a.answer(lua.LNil)
}
