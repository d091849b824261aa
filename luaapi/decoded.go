package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/address"
	"luamilter/luaapi/fieldvalue"
	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// What headers say about values beyond their bytes. Nothing that is in a header is an error: what cannot be read is flagged, or nil.

// decoded returns a value as people read it, and whether that is a guess.
func (e *Env) decoded(L *lua.LState, value string) (text lua.LString, broken lua.LBool) {
	e.grow(L, 2*len(value))
	s, ok := fieldvalue.Text(value)
	return lua.LString(s), lua.LBool(!ok)
}

// fieldNamed returns the field that a method of headers with the arguments name and n is about, nil if there is none.
func (e *Env) fieldNamed(L *lua.LState, method string) *protocol.Field {
	h := e.header(L, method)
	i := h.Find(text(L, method, 2, "the name"), which(L, method, 3, 1))
	if i < 0 {
		return nil
	}
	f := h.Field(i)
	return &f
}

func (e *Env) bindHeadersRaw() lua.LGFunction {
	return func(L *lua.LState) int {
		f := e.fieldNamed(L, "headers:raw")
		if f == nil {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LString(f.Raw()))
		return 1
	}
}

func (e *Env) bindHeadersDecoded() lua.LGFunction {
	return func(L *lua.LState) int {
		f := e.fieldNamed(L, "headers:decoded")
		if f == nil {
			L.Push(lua.LNil)
			return 1
		}
		text, broken := e.decoded(L, f.Value)
		L.Push(text)
		L.Push(broken)
		return 2
	}
}

// bindHeadersAddresses reads fields as address.list does, all of a name together: a list may go on in another field.
func (e *Env) bindHeadersAddresses() lua.LGFunction {
	const method = "headers:addresses"
	return func(L *lua.LState) int {
		h, name := e.header(L, method), text(L, method, 2, "the name")
		only := -1
		if L.Get(3) != lua.LNil {
			if only = h.Find(name, which(L, method, 3, 1)); only < 0 {
				name = "" // no field is called so
			}
		}
		t := L.CreateTable(2, 1)
		var problems address.Problems
		for i := range h.Len() {
			if f := h.Field(i); strings.EqualFold(f.Name, name) && (only < 0 || only == i) {
				problems |= e.appendAddresses(L, t, i+1, fieldvalue.Unfold(f.Value))
			}
		}
		t.RawSetString("problems", e.problemTable(problems))
		L.Push(t)
		return 1
	}
}

// appendAddresses adds the addresses of a field to a list.
func (e *Env) appendAddresses(L *lua.LState, t *lua.LTable, field int, value string) address.Problems {
	e.spend(L, len(value)/bytesPerStep)
	list := address.ParseList(value, decodeName)
	e.Budget.Count(len(list.Mailboxes) * mailboxBytes)
	e.spend(L, len(list.Mailboxes)*mailboxSteps)
	for _, m := range list.Mailboxes {
		one := e.mailboxTable(owned(m, value))
		one.RawSetString("field", lua.LNumber(field))
		t.Append(one)
	}
	return list.Problems
}

func (e *Env) bindHeadersParams() lua.LGFunction {
	return func(L *lua.LState) int {
		f := e.fieldNamed(L, "headers:params")
		if f == nil {
			L.Push(lua.LNil)
			return 1
		}
		e.grow(L, 4*len(f.Value))
		main, params, problems := fieldvalue.Params(f.Value)
		e.Budget.Count(tableSize * len(params))
		L.Push(lua.LString(main))
		L.Push(paramsTable(L, params))
		L.Push(e.list(problems))
		return 3
	}
}

// paramsTable has parameters in order, as tables, and by name; of two with one name that is the first.
func paramsTable(L *lua.LState, params []fieldvalue.Param) *lua.LTable {
	t := L.CreateTable(len(params), len(params))
	for _, p := range params {
		one := L.CreateTable(0, 2)
		one.RawSetString("name", lua.LString(p.Name))
		one.RawSetString("value", lua.LString(p.Value))
		t.Append(one)
		if t.RawGetString(p.Name) == lua.LNil {
			t.RawSetString(p.Name, lua.LString(p.Value))
		}
	}
	return t
}

func (e *Env) bindHeadersDate() lua.LGFunction {
	return func(L *lua.LState) int {
		const method = "headers:date"
		h, name := e.header(L, method), "Date"
		if s, given := optionalText(L, method, 2, "the name"); given {
			name = s
		}
		i := h.Find(name, which(L, method, 3, 1))
		if i < 0 {
			L.Push(lua.LNil)
			L.Push(lua.LString("there is no field " + printable(name)))
			return 2
		}
		date, err := mail.ParseDate(h.Field(i).Value)
		if err != nil {
			L.Push(lua.LNil)
			L.Push(lua.LString(err.Error()))
			return 2
		}
		L.Push(lua.LNumber(date.Unix()))
		return 1
	}
}
