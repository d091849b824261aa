package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
)

// stringMethods are the functions of Lua's string library that body has too.
var stringMethods = []string{"byte", "find", "gmatch", "gsub", "len", "lower", "match", "reverse", "sub", "upper"}

var bodyModule = Module{
	"body", Object,
	"The body of the message in eom. It behaves like a string: #body, body .. \"text\", tostring(body), and the methods of Lua's strings that read " +
		"(byte find gmatch gsub len lower match reverse sub upper). Lines end in CRLF.",
	nil,
	[]Func{
		{"lines", "", "iterator", "eom", "For a for loop over the lines, without their ends.", "", (*Env).bindBodyLines},
	},
}

func (e *Env) openBody() {
	e.bodyMethods = bodyModule.methods(e)
	str := e.L.GetGlobal("string").(*lua.LTable)
	for _, name := range stringMethods {
		fn, ok := str.RawGetString(name).(*lua.LFunction)
		if !ok {
			continue
		}
		e.bodyMethods.RawSetString(name, e.L.NewFunction(func(L *lua.LState) int {
			if L.GetTop() == 0 {
				L.RaiseError("%s is a method: write body:%s(...), with a colon", name, name)
			}
			L.Replace(1, e.bodyText(1))
			return fn.GFunction(L)
		}))
	}
	e.bodyMeta = e.metatable("body", map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			L.Push(e.bodyMethods.RawGet(L.Get(2)))
			return 1
		},
		"__len": func(L *lua.LState) int {
			L.Push(lua.LNumber(len(e.bodyText(1))))
			return 1
		},
		"__tostring": func(L *lua.LState) int {
			L.Push(e.bodyText(1))
			return 1
		},
		"__concat": func(L *lua.LState) int {
			L.Push(lua.LString(e.concatOperand(1) + e.concatOperand(2)))
			return 1
		},
	})
}

// bodyValue is what msg.body is; the text is copied once, when it is first read.
type bodyValue struct {
	message *mail.Message
	text    lua.LValue
}

func (e *Env) newBody(m *mail.Message) *lua.LUserData {
	return e.object(&bodyValue{message: m}, e.bodyMeta)
}

// bodyText returns the body that is the argument as a string.
func (e *Env) bodyText(arg int) lua.LString {
	b, ok := e.L.CheckUserData(arg).Value.(*bodyValue)
	if !ok {
		e.L.ArgError(arg, "msg.body was expected")
	}
	if b.text == nil {
		b.text = lua.LString(b.message.Body())
	}
	return b.text.(lua.LString)
}

func (e *Env) concatOperand(arg int) lua.LString {
	if _, ok := e.L.Get(arg).(*lua.LUserData); ok {
		return e.bodyText(arg)
	}
	return lua.LString(e.L.CheckString(arg))
}

func (e *Env) bindBodyLines() lua.LGFunction {
	return func(L *lua.LState) int {
		rest := string(e.bodyText(1))
		L.Push(L.NewFunction(func(L *lua.LState) int {
			if rest == "" {
				L.Push(lua.LNil)
				return 1
			}
			var line string
			line, rest = cutLine(rest)
			L.Push(lua.LString(line))
			return 1
		}))
		return 1
	}
}
