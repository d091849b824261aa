package luaapi

import (
	lua "github.com/yuin/gopher-lua"
)

// stringMethods are the functions of Lua's string library that body has too.
var stringMethods = []string{"byte", "find", "gmatch", "gsub", "len", "lower", "match", "reverse", "sub", "upper"}

var bodyModule = Module{
	"body", Object,
	"What `msg.body` is: the body as it was when it was asked for. It behaves like a string: `#body`, `body .. \"text\"`, `tostring(body)`, and the methods of Lua's strings that read, " +
		"`body:find(\"...\")` and `byte gmatch gsub len lower match reverse sub upper` likewise; their results are plain strings. Lines end in CRLF. Compare with `tostring(body) == \"...\"`.",
	nil,
	[]Func{
		{"lines", "", "iterator<string>", "", "For a for loop over the lines, without their ends: `for line in body:lines() do ... end`.", "", "RFC 5322 section 2.3", (*Env).bindBodyLines},
	},
}

// bodyText is the value behind msg.body.
type bodyText string

// openBody makes the metatable of body: its own methods, and those of Lua's strings.
func (e *Env) openBody() {
	methods := bodyModule.methods(e)
	for _, name := range stringMethods {
		fn := e.library("string").RawGetString(name).(*lua.LFunction)
		methods.RawSetString(name, e.L.NewFunction(stringMethod(name, fn.GFunction)))
	}
	e.bodyMeta = e.metatable("body", map[string]lua.LGFunction{
		"__newindex": readOnly("body", "msg:replace_body changes it"),
		"__len": func(L *lua.LState) int {
			L.Push(lua.LNumber(len(bodyOf(L, "#body"))))
			return 1
		},
		"__tostring": func(L *lua.LState) int {
			L.Push(bodyOf(L, "tostring"))
			return 1
		},
		"__concat": func(L *lua.LState) int {
			a, b := concatOperand(L, 1), concatOperand(L, 2)
			e.grow(L, len(a)+len(b))
			L.Push(a + b)
			return 1
		},
	})
	e.bodyMeta.RawSetString("__index", methods)
}

// stringMethod is a function of the string library that works on a body only.
func stringMethod(name string, fn lua.LGFunction) lua.LGFunction {
	return func(L *lua.LState) int {
		bodyOf(L, name)
		return fn(L)
	}
}

func (e *Env) newBody(text string) *lua.LUserData {
	return e.object(bodyText(text), once(&e.bodyMeta, e.openBody))
}

// bodyOf returns the body that a method was called on.
func bodyOf(L *lua.LState, method string) lua.LString {
	b, ok := receiver(L, "body", method).Value.(bodyText)
	if !ok {
		L.RaiseError("body:%s: it was called on %s", method, kindOf(L.Get(1)))
	}
	return lua.LString(b)
}

func concatOperand(L *lua.LState, arg int) lua.LString {
	switch v := L.Get(arg).(type) {
	case *lua.LUserData:
		if b, ok := v.Value.(bodyText); ok {
			return lua.LString(b)
		}
	case lua.LString:
		return v
	case lua.LNumber:
		return lua.LString(fullNumber(v))
	}
	L.RaiseError("body ..: %s cannot be joined to a body", kindOf(L.Get(arg)))
	return ""
}

func (e *Env) bindBodyLines() lua.LGFunction {
	return func(L *lua.LState) int {
		rest := string(bodyOf(L, "lines"))
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
