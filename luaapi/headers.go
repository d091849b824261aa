package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/fieldvalue"
	"luamilter/protocol"
)

var headersModule = Module{
	"headers", Object,
	"The header fields, read only: the second argument of `eoh`, and `msg.headers` in `eom`, where it shows the edits made so far. `#headers` is their number. `headers[i]` is the i-th field, from 1, nil beyond the end: " +
		"a [field](#field) with `name`, `value`, `decoded` and `raw`. By name, use `headers:get(name)`, and for text that people wrote `headers:decoded(name)`. " +
		"Values are as they came: only what is called decoded has its encoded-words (RFC 2047) decoded.",
	nil,
	[]Func{
		{"get", "name: string, n: integer?", "string?", "eoh eom", "The value, on one line, of the field called `name` in any case; if there are several, of the `n`-th: 1 is the first and default, -1 the last. Nil if there is none.", "`n` is 0.", "RFC 5322 section 2.2.3", (*Env).bindHeadersGet},
		{"decoded", "name: string, n: integer?", "string?, boolean?", "eoh eom", "The value as people read it, of the field that `headers:get` finds by `name` and `n`: on one line, in UTF-8, encoded-words decoded wherever they are, as mail readers do. " +
			"Nil if there is none. Second, whether that is a guess: true for an unknown charset, bytes that mean nothing in theirs (they become U+FFFD), raw bytes that are not UTF-8, an encoded-word without its end, a hidden line break (it becomes a blank). " +
			"Don't take addresses from it: in decoded text a name may look like one.", "`n` is 0.", "RFC 2047", (*Env).bindHeadersDecoded},
		{"raw", "name: string, n: integer?", "string?", "eoh eom", "The whole field that `headers:get` finds by `name` and `n`: name, colon, and every byte after it; folds are LF and blanks. Nil if there is none.", "`n` is 0.", "", (*Env).bindHeadersRaw},
		{"all", "name: string", "string[]", "eoh eom", "The values, each on one line, of all fields called `name`, in order.", "", "RFC 5322 section 2.2.3", (*Env).bindHeadersAll},
		{"count", "name: string?", "integer", "eoh eom", "How many fields there are, of that `name` or at all.", "", "", (*Env).bindHeadersCount},
		{"addresses", "name: string, n: integer?", "mailbox[]", "eoh eom", "The addresses in the fields called `name`, or in the `n`-th of them: an array of tables as `address.list` of the module `address` makes them, empty if there are none; for `From` and `To` of all mail there is. " +
			"`field` says in which one each is: that of `headers[a.field]`, of whose `value` `a.first` to `a.last` is the address. `problems` of the array is what was odd.", "`n` is 0.", "RFC 5322 section 3.4", (*Env).bindHeadersAddresses},
		{"params", "name: string, n: integer?", "string?, table?, string[]?", "eoh eom", "Takes apart a field with parameters, such as Content-Type, that `headers:get` finds by `name` and `n`: `local kind, params, problems = headers:params(\"Content-Type\")`. Returns what is before the first semicolon; " +
			"a table of the parameters, by name in small letters (`params.charset`) and in order (`params[1].name`, `params[1].value`), put together and decoded, with what encoded-words have no business there but are; and an array of what was odd, in words, such as a " +
			"parameter that is there twice: by name it is the first. Nil if there is no such field.", "`n` is 0.", "RFC 2045 section 5.1, RFC 2231", (*Env).bindHeadersParams},
		{"date", "name: string?, n: integer?", "integer?, string?", "eoh eom", "The date in the field called `name`, by default `Date`, or in the `n`-th of that name, as the seconds since 1970 that `os.time` and `os.date` use. It may be in any form that mail has, also obsolete ones; without a time zone it is taken for UTC. " +
			"Nil, and second why, if there is no such field or no date in it.", "`n` is 0.", "RFC 5322 sections 3.3 and 4.3", (*Env).bindHeadersDate},
		{"each", "name: string?", "iterator<integer, field>", "eoh eom", "For a for loop over the fields, or those of that `name`: `for i, field in headers:each() do ... end`; `i` and `field` are as in `headers[i]`. It goes over the fields as they were when it began.", "", "", (*Env).bindHeadersEach},
	},
}

// openHeaders makes the metatable of headers.
func (e *Env) openHeaders() {
	methods := headersModule.methods(e)
	e.headersMeta = e.metatable("headers", map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			L.Push(e.headersIndex(L, methods))
			return 1
		},
		"__len": func(L *lua.LState) int {
			L.Push(lua.LNumber(e.header(L, "#headers").Len()))
			return 1
		},
		"__newindex": readOnly("headers", "msg:change_header and its kin change them in eom"),
	})
}

// NewHeaders returns the headers value for one call of an eoh or eom hook.
func (e *Env) NewHeaders(h *protocol.HeaderEdit) *lua.LUserData {
	return e.object(h, once(&e.headersMeta, e.openHeaders))
}

// header returns the header that something was asked of, if it is that of the running hook.
func (e *Env) header(L *lua.LState, what string) *protocol.HeaderEdit {
	c := e.current(L, what)
	h, ok := receiver(L, "headers", strings.TrimPrefix(what, "headers:")).Value.(*protocol.HeaderEdit)
	if !ok || h != c.Headers {
		L.RaiseError("%s on headers kept from an earlier hook; use those that eoh is given, or msg.headers in eom", what)
	}
	return h
}

// headersIndex is headers[i], or a method.
func (e *Env) headersIndex(L *lua.LState, methods *lua.LTable) lua.LValue {
	switch key := L.Get(2).(type) {
	case lua.LNumber:
		h := e.header(L, "headers[i]")
		if i := int(key); lua.LNumber(i) == key && i >= 1 && i <= h.Len() {
			return e.newField(h, i-1)
		}
		return lua.LNil
	case lua.LString:
		if method := methods.RawGetString(string(key)); method != lua.LNil {
			return method
		}
		L.RaiseError("headers has no %q; headers:get(%q) returns the value of that field", string(key), string(key))
	}
	return lua.LNil
}

func pushValue(L *lua.LState, h *protocol.HeaderEdit, i int) int {
	if i < 0 {
		L.Push(lua.LNil)
	} else {
		L.Push(lua.LString(fieldvalue.Unfold(h.Field(i).Value)))
	}
	return 1
}

func (e *Env) bindHeadersGet() lua.LGFunction {
	return func(L *lua.LState) int {
		h := e.header(L, "headers:get")
		return pushValue(L, h, h.Find(text(L, "headers:get", 2, "the name"), which(L, "headers:get", 3, 1)))
	}
}

func (e *Env) bindHeadersAll() lua.LGFunction {
	return func(L *lua.LState) int {
		h, name := e.header(L, "headers:all"), text(L, "headers:all", 2, "the name")
		t := L.CreateTable(2, 0)
		for i := range h.Len() {
			if f := h.Field(i); strings.EqualFold(f.Name, name) {
				t.Append(lua.LString(fieldvalue.Unfold(f.Value)))
			}
		}
		L.Push(t)
		return 1
	}
}

func (e *Env) bindHeadersCount() lua.LGFunction {
	return func(L *lua.LState) int {
		h := e.header(L, "headers:count")
		name, given := optionalText(L, "headers:count", 2, "the name")
		n := 0
		for i := range h.Len() {
			if !given || strings.EqualFold(h.Field(i).Name, name) {
				n++
			}
		}
		L.Push(lua.LNumber(n))
		return 1
	}
}

// bindHeadersEach takes down the fields first: the loop may delete some, and the iterator may be kept longer than the header.
func (e *Env) bindHeadersEach() lua.LGFunction {
	return func(L *lua.LState) int {
		h := e.header(L, "headers:each")
		name, given := optionalText(L, "headers:each", 2, "the name")
		var rest []headerField
		for i := range h.Len() {
			if !given || strings.EqualFold(h.Field(i).Name, name) {
				rest = append(rest, e.fieldAt(h, i))
			}
		}
		L.Push(L.NewFunction(func(L *lua.LState) int {
			if len(rest) == 0 {
				L.Push(lua.LNil)
				return 1
			}
			f := rest[0]
			rest = rest[1:]
			L.Push(lua.LNumber(f.at + 1))
			L.Push(e.fieldValue(&f))
			return 2
		}))
		return 1
	}
}
