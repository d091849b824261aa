package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// bindDeleteHeader makes msg:delete_header, which takes what to delete in three forms.
func (e *Env) bindDeleteHeader() lua.LGFunction {
	const action = "delete_header"
	return func(L *lua.LState) int {
		m := e.self(L, action)
		var found bool
		switch what := L.Get(2).(type) {
		case *lua.LFunction:
			onlyByName(L, action)
			found = m.Header.DeleteSet(e.chosen(L, m, what))
		case *lua.LTable:
			onlyByName(L, action)
			for _, name := range namesOf(L, action, what) {
				found = m.Header.DeleteAll(name) || found
			}
		default:
			found = deleteNamed(L, action, m)
		}
		L.Push(lua.LBool(found))
		return 1
	}
}

func onlyByName(L *lua.LState, action string) {
	if L.Get(3) != lua.LNil {
		L.RaiseError("%s: n says which field of one name is meant; it does not go with %s", action, kindOf(L.Get(2)))
	}
}

func deleteNamed(L *lua.LState, action string, m *mail.Message) bool {
	name := text(L, action, 2, "the header name")
	if L.Get(3) == lua.LNil {
		return m.Header.DeleteAll(name)
	}
	i := m.Header.Find(name, which(L, action, 3, 1))
	if i >= 0 {
		m.Header.Delete(i)
	}
	return i >= 0
}

// namesOf returns an array of names. An empty one is fine: it may be somebody's settings.
func namesOf(L *lua.LState, action string, t *lua.LTable) []string {
	var names []string
	for i := 1; i <= t.Len(); i++ {
		name, ok := t.RawGetInt(i).(lua.LString)
		if !ok {
			L.RaiseError("%s: item %d is %s; an array of header names was expected", action, i, kindOf(t.RawGetInt(i)))
		}
		names = append(names, string(name))
	}
	if k, _ := t.Next(lua.LNil); k != lua.LNil && len(names) == 0 {
		L.RaiseError("%s: the table is no array; an array of header names was expected, such as {\"X-A\", \"X-B\"}", action)
	}
	return names
}

// chosen returns the fields for which a script's function returns true. Nothing is deleted before it was asked about all.
func (e *Env) chosen(L *lua.LState, m *mail.Message, choose *lua.LFunction) map[protocol.FieldID]bool {
	fields := make([]*lua.LUserData, m.Header.Len())
	for i := range fields {
		fields[i] = e.newField(m.Header, i)
	}
	out := map[protocol.FieldID]bool{}
	for _, field := range fields {
		L.Push(choose)
		L.Push(field)
		L.Call(1, 1)
		if lua.LVAsBool(L.Get(-1)) {
			out[field.Value.(*headerField).id] = true
		}
		L.Pop(1)
	}
	return out
}
