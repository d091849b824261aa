package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mime"
)

// stringMethods are the functions of Lua's string library that body has too.
var stringMethods = []string{"byte", "find", "gmatch", "gsub", "len", "lower", "match", "reverse", "sub", "upper"}

var bodyModule = Module{
	"body", Object,
	"What `msg.body` is: the body as it was when it was asked for. It behaves like a string: `#body`, `body .. \"text\"`, `tostring(body)`, and the methods of Lua's strings that read, " +
		"`body:find(\"...\")` and `byte gmatch gsub len lower match reverse sub upper` likewise; their results are plain strings. Lines end in CRLF. Compare with `tostring(body) == \"...\"`.\n\n" +
		"A large body is in a file. `#body`, `byte`, `sub`, `lines` and `find` of plain text read as much of it as they need; everything else reads it whole into memory, each time.",
	nil,
	[]Func{
		{"lines", "", "iterator<string>", "", "For a for loop over the lines, without their ends: `for line in body:lines() do ... end`.", "", "RFC 5322 section 2.3", (*Env).bindBodyLines},
	},
}

// bodyText is the value behind msg.body where the body is in memory.
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
			switch b := bodyOf(L, "#body").(type) {
			case bodyText:
				L.Push(lua.LNumber(len(b)))
			case *filedBody:
				L.Push(lua.LNumber(b.src.Len()))
			}
			return 1
		},
		"__tostring": func(L *lua.LState) int {
			L.Push(lua.LString(textOfBody(L, bodyOf(L, "tostring"))))
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
		if b, ok := bodyOf(L, name).(*filedBody); ok {
			return b.call(L, name, fn)
		}
		return fn(L)
	}
}

func (e *Env) newBody(src mime.Source) *lua.LUserData {
	mt := once(&e.bodyMeta, e.openBody)
	if text, ok := src.(mime.Text); ok {
		return e.object(bodyText(text), mt)
	}
	return e.object(&filedBody{e, src}, mt)
}

// bodyOf returns the body that a method was called on: a bodyText or a *filedBody.
func bodyOf(L *lua.LState, method string) any {
	v := receiver(L, "body", method).Value
	if !isBody(v) {
		L.RaiseError("body:%s: it was called on %s", method, kindOf(L.Get(1)))
	}
	return v
}

// isBody reports whether the value of an object is a body.
func isBody(v any) bool {
	switch v.(type) {
	case bodyText, *filedBody:
		return true
	}
	return false
}

// textOfBody returns all of a body.
func textOfBody(L *lua.LState, v any) string {
	switch b := v.(type) {
	case bodyText:
		return string(b)
	case *filedBody:
		return b.whole(L)
	}
	return ""
}

func concatOperand(L *lua.LState, arg int) lua.LString {
	switch v := L.Get(arg).(type) {
	case *lua.LUserData:
		if isBody(v.Value) {
			return lua.LString(textOfBody(L, v.Value))
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
		v := bodyOf(L, "lines")
		if b, ok := v.(*filedBody); ok {
			L.Push(L.NewFunction(b.lines()))
			return 1
		}
		rest := textOfBody(L, v)
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
