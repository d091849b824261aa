package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

var headersModule = Module{
	"headers", Object,
	"The header fields, read only: the second argument of eoh, and msg.headers in eom, where it shows the edits made so far. #headers is their number. " +
		"headers[i] is the i-th field: .name, .value (unfolded) and .raw (name, colon, and every byte after it; folds are LF and blanks).",
	nil,
	[]Func{
		{"get", "name: string, n: integer?", "string?", "eoh eom", "The unfolded value of the n-th field of that name, in any case (default 1, -1 the last); nil if there is none.", "RFC 5322 section 2.2.3", (*Env).bindHeadersGet},
		{"all", "name: string", "string[]", "eoh eom", "The unfolded values of all fields of that name.", "RFC 5322 section 2.2.3", (*Env).bindHeadersAll},
		{"count", "name: string?", "integer", "eoh eom", "How many fields there are of that name, or at all.", "", (*Env).bindHeadersCount},
		{"each", "name: string?", "iterator", "eoh eom", "For a for loop: for i, field in headers:each() do ... end; with a name only its fields.", "", (*Env).bindHeadersEach},
	},
}

func (e *Env) openHeaders() {
	e.headersMethods = headersModule.methods(e)
	e.headersMeta = e.metatable("headers", map[string]lua.LGFunction{
		"__index": e.headersIndex,
		"__len": func(L *lua.LState) int {
			L.Push(lua.LNumber(e.header("#headers").Len()))
			return 1
		},
		"__newindex": func(L *lua.LState) int {
			L.RaiseError("headers are read only; msg:change_header and its kin change them in eom")
			return 0
		},
	})
}

// NewHeaders returns the headers value for one call of an eoh or eom hook.
func (e *Env) NewHeaders(h *protocol.HeaderEdit) *lua.LUserData { return e.object(h, e.headersMeta) }

// header returns the header that a method was called on, if it is that of the running hook.
func (e *Env) header(function string) *protocol.HeaderEdit {
	c := e.current(function)
	ud, ok := e.L.Get(1).(*lua.LUserData)
	if !ok {
		e.L.RaiseError("%s is a method: write headers:%s(...), with a colon", function, function)
	}
	h, ok := ud.Value.(*protocol.HeaderEdit)
	if !ok || h != c.Headers {
		e.L.RaiseError("%s on headers kept from an earlier hook; use those that %s is given", function, c.Stage)
	}
	return h
}

func (e *Env) headersIndex(L *lua.LState) int {
	switch key := L.Get(2).(type) {
	case lua.LNumber:
		h := e.header("headers[i]")
		if i := int(key); i >= 1 && i <= h.Len() {
			L.Push(e.field(h.Field(i - 1)))
		} else {
			L.Push(lua.LNil)
		}
	default:
		L.Push(e.headersMethods.RawGet(key))
	}
	return 1
}

// field returns a header field as a table.
func (e *Env) field(f protocol.Field) *lua.LTable {
	t := e.L.CreateTable(0, 3)
	t.RawSetString("name", e.headerNameValue(f.Name))
	t.RawSetString("value", lua.LString(mail.Unfold(f.Value)))
	t.RawSetString("raw", lua.LString(f.Raw()))
	return t
}

func pushValue(L *lua.LState, h *protocol.HeaderEdit, i int) int {
	if i < 0 {
		L.Push(lua.LNil)
	} else {
		L.Push(lua.LString(mail.Unfold(h.Field(i).Value)))
	}
	return 1
}

func (e *Env) bindHeadersGet() lua.LGFunction {
	return func(L *lua.LState) int {
		h := e.header("get")
		return pushValue(L, h, h.Find(e.text("get", 2, "the name"), e.which("get", 3, 1)))
	}
}

func (e *Env) bindHeadersAll() lua.LGFunction {
	return func(L *lua.LState) int {
		h, name := e.header("all"), e.text("all", 2, "the name")
		t := L.CreateTable(2, 0)
		for i := range h.Len() {
			if f := h.Field(i); strings.EqualFold(f.Name, name) {
				t.Append(lua.LString(mail.Unfold(f.Value)))
			}
		}
		L.Push(t)
		return 1
	}
}

func (e *Env) bindHeadersCount() lua.LGFunction {
	return func(L *lua.LState) int {
		h := e.header("count")
		name := L.OptString(2, "")
		n := 0
		for i := range h.Len() {
			if name == "" || strings.EqualFold(h.Field(i).Name, name) {
				n++
			}
		}
		L.Push(lua.LNumber(n))
		return 1
	}
}

func (e *Env) bindHeadersEach() lua.LGFunction {
	return func(L *lua.LState) int {
		h := e.header("each")
		name := L.OptString(2, "")
		i := 0
		L.Push(L.NewFunction(func(L *lua.LState) int {
			for ; i < h.Len(); i++ {
				if f := h.Field(i); name == "" || strings.EqualFold(f.Name, name) {
					i++
					L.Push(lua.LNumber(i))
					L.Push(e.field(f))
					return 2
				}
			}
			L.Push(lua.LNil)
			return 1
		}))
		return 1
	}
}
