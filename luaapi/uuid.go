package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/uuid"
)

var uuidModule = Module{
	"uuid", Require,
	"Names that nobody else has, for logs, quarantine and other systems.",
	nil,
	[]Func{
		{"v4", "", "string", "", "A random UUID.", "", "RFC 9562 section 5.4", (*Env).bindUUID4},
		{"v7", "", "string", "", "A UUID that begins with the time in milliseconds: those made later sort behind it, and databases like them as keys.", "", "RFC 9562 section 5.7", (*Env).bindUUID7},
		{"parse", "text: string?", "string?, string|integer", "", "The UUID in `text` in its usual spelling, and its version, 0 if it has none; braces, `urn:uuid:`, capitals and missing hyphens do not matter. Nil, and why, if it is no UUID.", noText, "RFC 9562 section 4", (*Env).bindUUIDParse},
	},
}

func (e *Env) bindUUID4() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LString(uuid.V4()))
		return 1
	}
}

func (e *Env) bindUUID7() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LString(uuid.V7(e.Clock.Now())))
		return 1
	}
}

func (e *Env) bindUUIDParse() lua.LGFunction {
	return func(L *lua.LState) int {
		s, given := e.foreign(L, "uuid.parse", 1, "the text")
		if !given {
			return pushWhy(L, "there is no UUID: the text is nil")
		}
		canonical, version, err := uuid.Parse(s)
		if err != nil {
			return pushWhy(L, err.Error())
		}
		L.Push(lua.LString(canonical))
		L.Push(wholeNumber(version))
		return 2
	}
}
