package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// The actions of msg. Each gets the message from self, so that none works outside eom.

// orRaise raises what an action came back with.
func orRaise(L *lua.LState, action string, err error) {
	if err != nil {
		L.RaiseError("%s: %v", action, err)
	}
}

func headerName(L *lua.LState, action string, arg int) string {
	name := text(L, action, arg, "the header name")
	orRaise(L, action, protocol.CheckHeaderName(name))
	return name
}

// headerValue returns an argument as the value of a field, made fit or, with raw(), as it is.
func headerValue(L *lua.LState, action string, arg int, name string, m *mail.Message) string {
	var err error
	var value string
	switch v := L.Get(arg).(type) {
	case lua.LString:
		value, err = mail.HeaderValue(name, string(v), m.UTF8)
	case lua.LNumber:
		value = fullNumber(v)
	default:
		bytes, ok := rawOf(v)
		if !ok {
			L.RaiseError("%s: the value of %s is %s; a string, a number or raw(bytes) was expected", action, name, kindOf(v))
		}
		value, err = string(bytes), mail.RawValue(name, string(bytes))
	}
	orRaise(L, action, err)
	return value
}

func (e *Env) bindAddHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, name := e.self(L, "add_header"), headerName(L, "add_header", 2)
		m.Header.Add(protocol.Field{Name: name, Value: headerValue(L, "add_header", 3, name, m)})
		return 0
	}
}

func (e *Env) bindInsertHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, index := e.self(L, "insert_header"), integer(L, "insert_header", 2, "index")
		if index < 0 {
			L.RaiseError("insert_header: index is %d; 0 is above the MTA's Received, 1 below it, k+1 after the k-th field", index)
		}
		name := headerName(L, "insert_header", 3)
		m.Header.Insert(index, protocol.Field{Name: name, Value: headerValue(L, "insert_header", 4, name, m)})
		return 0
	}
}

func (e *Env) bindChangeHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, name := e.self(L, "change_header"), headerName(L, "change_header", 2)
		value, n := headerValue(L, "change_header", 3, name, m), which(L, "change_header", 4, 1)
		i := m.Header.Find(name, n)
		if i >= 0 {
			m.Header.Change(i, value)
		} else {
			m.Header.Add(protocol.Field{Name: name, Value: value})
		}
		L.Push(lua.LBool(i >= 0))
		return 1
	}
}

func (e *Env) bindPrependHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, name := e.self(L, "prepend_header"), headerName(L, "prepend_header", 2)
		m.Header.Insert(0, protocol.Field{Name: name, Value: headerValue(L, "prepend_header", 3, name, m)})
		return 0
	}
}

func (e *Env) bindSetHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, name := e.self(L, "set_header"), headerName(L, "set_header", 2)
		found := m.Header.Set(protocol.Field{Name: name, Value: headerValue(L, "set_header", 3, name, m)})
		L.Push(lua.LBool(found))
		return 1
	}
}

func (e *Env) bindPrefixSubject() lua.LGFunction {
	return func(L *lua.LState) int {
		m, prefix := e.self(L, "prefix_subject"), text(L, "prefix_subject", 2, "the text")
		subject, i := "", m.Header.Find("Subject", 1)
		if i >= 0 {
			subject = m.Header.Field(i).Value
		}
		value, changed, err := mail.PrefixSubject(subject, prefix, m.UTF8)
		orRaise(L, "prefix_subject", err)
		switch {
		case !changed:
		case i >= 0:
			m.Header.Change(i, value)
		default:
			m.Header.Add(protocol.Field{Name: "Subject", Value: value})
		}
		L.Push(lua.LBool(changed))
		return 1
	}
}

func (e *Env) bindChangeSender() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "change_sender")
		orRaise(L, "change_sender", m.ChangeSender(text(L, "change_sender", 2, "the address"), paramsArgument(L, "change_sender", 3)))
		return 0
	}
}

func (e *Env) bindAddRecipient() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "add_recipient")
		added, err := m.AddRecipient(text(L, "add_recipient", 2, "the address"), paramsArgument(L, "add_recipient", 3))
		orRaise(L, "add_recipient", err)
		L.Push(lua.LBool(added))
		return 1
	}
}

func (e *Env) bindDeleteRecipient() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "delete_recipient")
		found, err := m.DeleteRecipient(text(L, "delete_recipient", 2, "the address"))
		orRaise(L, "delete_recipient", err)
		L.Push(lua.LBool(found))
		return 1
	}
}

// maxBody bounds a new body: an array can name one long string many times.
const maxBody = 512 << 20

func (e *Env) bindReplaceBody() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "replace_body")
		if m.Truncated {
			L.RaiseError("replace_body: the message is larger than limits.message, so what is behind that would be lost; see msg.truncated")
		}
		var parts []string
		if t, ok := L.Get(2).(*lua.LTable); ok {
			for i := 1; i <= t.Len(); i++ {
				part, ok := contentOf(L, t.RawGetInt(i))
				if !ok {
					L.RaiseError("replace_body: item %d is %s; an array of strings was expected", i, kindOf(t.RawGetInt(i)))
				}
				parts = append(parts, part)
			}
		} else if part, ok := contentOf(L, L.Get(2)); ok {
			parts = []string{part}
		} else {
			L.RaiseError("replace_body: the content is %s; a string or an array of strings was expected", kindOf(L.Get(2)))
		}
		size := 0
		for _, part := range parts {
			if size += len(part); size > maxBody {
				L.RaiseError("replace_body: the content has more than %d MiB", maxBody>>20)
			}
		}
		e.Budget.Count(size)
		m.ReplaceBody(strings.Join(parts, ""))
		return 0
	}
}

// contentOf returns a value that may be part of a body.
func contentOf(L *lua.LState, v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return fullNumber(v), true
	case *lua.LUserData:
		if isBody(v.Value) {
			return textOfBody(L, v.Value), true
		}
	}
	return "", false
}

func (e *Env) bindQuarantine() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "quarantine")
		orRaise(L, "quarantine", m.Quarantine(text(L, "quarantine", 2, "the reason")))
		return 0
	}
}

func (e *Env) bindProgress() lua.LGFunction {
	return func(L *lua.LState) int {
		e.self(L, "progress")
		orRaise(L, "progress", e.call.Host.Progress())
		return 0
	}
}
