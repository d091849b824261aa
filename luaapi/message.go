package luaapi

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

var messageModule = Module{
	"msg", Object,
	"The message, the second argument of eom. Reading shows the edits made so far, also those of earlier scripts. The changes go to the MTA together, when every script has " +
		"spoken, and only if the message is not refused. Header values are text: numbers are taken, CRLF becomes LF, a line break must be followed by a blank, what is not ASCII " +
		"is encoded by RFC 2047 unless the message came with SMTPUTF8, and lines over 998 bytes are folded at blanks; raw(bytes) goes out as it is.",
	[]Property{
		{"headers", "headers", "The header fields.", "RFC 5322 section 2.2"},
		{"body", "body", "The body, with CRLF line ends.", "RFC 5322 section 2.3"},
		{"sender", "string", "The envelope sender without brackets, \"\" for the null sender.", "RFC 5321 section 4.1.1.2"},
		{"recipients", "string[]", "The envelope recipients without brackets.", "RFC 5321 section 4.1.1.3"},
	},
	[]Func{
		{"header", "name: string, n: integer?", "string?", "eom", "The unfolded value of the n-th field of that name (default 1, -1 the last), nil if there is none.", "RFC 5322 section 2.2.3", (*Env).bindHeader},
		{"add_header", "name: string, value: string|number|raw", "", "eom", "Adds a field at the end of the header.", "mfapi.h: smfi_addheader", (*Env).bindAddHeader},
		{"insert_header", "index: integer, name: string, value: string|number|raw", "", "eom", "Inserts a field: 0 above the MTA's own Received, 1 directly below it, k+1 after the k-th field; beyond the end it is added.", "mfapi.h: smfi_insheader", (*Env).bindInsertHeader},
		{"change_header", "name: string, value: string|number|raw, n: integer?", "boolean", "eom", "Changes the n-th field of that name (default 1, -1 the last) and returns true; if there is none adds it and returns false. 0 is an error.", "mfapi.h: smfi_chgheader", (*Env).bindChangeHeader},
		{"delete_header", "name: string, n: integer?", "boolean", "eom", "Deletes the n-th field of that name (-1 the last), without n all of them; returns whether there was any. 0 is an error.", "mfapi.h: smfi_chgheader", (*Env).bindDeleteHeader},
		{"change_sender", "address: string, params: string|table?", "", "eom", "Replaces the envelope sender; \"\" is the null sender. params are ESMTP parameters: a string, an array (\"RET=HDRS\"), or a table ({RET=\"HDRS\"}).", "mfapi.h: smfi_chgfrom", (*Env).bindChangeSender},
		{"add_recipient", "address: string, params: string|table?", "boolean", "eom", "Adds an envelope recipient and returns true; false if it is there already.", "mfapi.h: smfi_addrcpt, smfi_addrcpt_par", (*Env).bindAddRecipient},
		{"delete_recipient", "address: string", "boolean", "eom", "Removes an envelope recipient and returns true; false if it is not there.", "mfapi.h: smfi_delrcpt", (*Env).bindDeleteRecipient},
		{"replace_body", "content: string|string[]", "", "eom", "Replaces the whole body; the last call wins. Line ends become CRLF. Header fields that describe the old body, such as Content-Type, are the script's to change.", "mfapi.h: smfi_replacebody", (*Env).bindReplaceBody},
		{"quarantine", "reason: string", "", "eom", "Has the MTA hold the message. The reason is one line.", "mfapi.h: smfi_quarantine", (*Env).bindQuarantine},
		{"progress", "", "", "eom", "Tells the MTA at once that the hook is still at work. It is also sent by itself while an eom hook runs long.", "mfapi.h: smfi_progress", (*Env).bindProgress},
	},
}

// openMessage makes the metatable of msg.
func (e *Env) openMessage() {
	e.messageMethods = messageModule.methods(e)
	e.messageMeta = e.metatable("msg", map[string]lua.LGFunction{"__index": e.messageIndex})
}

// NewMessage returns the msg for one call of an eom hook.
func (e *Env) NewMessage(m *mail.Message) *lua.LUserData { return e.object(m, e.messageMeta) }

// self returns the message that a method was called on. The same check serves for a msg kept from an earlier call.
func (e *Env) self(action string) *mail.Message {
	m := e.message(action)
	ud, ok := e.L.Get(1).(*lua.LUserData)
	if !ok {
		e.L.RaiseError("%s is a method: write msg:%s(...), with a colon", action, action)
	}
	if ud.Value != any(m) {
		e.L.RaiseError("%s on a msg kept from an earlier message; use the msg that eom is given", action)
	}
	return m
}

func (e *Env) messageIndex(L *lua.LState) int {
	name := L.CheckString(2)
	if method := e.messageMethods.RawGetString(name); method != lua.LNil {
		L.Push(method)
		return 1
	}
	m := e.message("msg." + name)
	if L.CheckUserData(1).Value != any(m) {
		L.RaiseError("msg.%s of an earlier message; use the msg that eom is given", name)
	}
	switch name {
	case "headers":
		L.Push(e.NewHeaders(m.Header))
	case "body":
		L.Push(e.newBody(m))
	case "sender":
		L.Push(lua.LString(m.Sender()))
	case "recipients":
		t := L.CreateTable(len(m.Recipients()), 0)
		for i, r := range m.Recipients() {
			t.RawSetInt(i+1, lua.LString(r.Address))
		}
		L.Push(t)
	default:
		L.Push(lua.LNil)
	}
	return 1
}

func (e *Env) bindHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self("header")
		name, n := e.text("header", 2, "the name"), e.which("header", 3, 1)
		return pushValue(L, m.Header, m.Header.Find(name, n))
	}
}

func (e *Env) headerName(action string, arg int) string {
	name := e.text(action, arg, "the header name")
	if err := protocol.CheckHeaderName(name); err != nil {
		e.L.RaiseError("%s: %v", action, err)
	}
	return name
}

// headerValue returns an argument as the value of a field, made fit or, with raw(), as it is.
func (e *Env) headerValue(action string, arg int, name string, m *mail.Message) string {
	var err error
	var value string
	switch v := e.L.Get(arg).(type) {
	case lua.LString:
		value, err = mail.HeaderValue(name, string(v), m.UTF8)
	case lua.LNumber:
		value = v.String()
	case *lua.LUserData:
		bytes, ok := v.Value.(rawBytes)
		if !ok {
			e.L.RaiseError("%s: the value of %s is a %s; a string, a number or raw(bytes) was expected", action, name, userdataName(v))
		}
		value, err = string(bytes), mail.RawValue(name, string(bytes))
	default:
		e.L.RaiseError("%s: the value of %s is %s; a string, a number or raw(bytes) was expected", action, name, v.Type())
	}
	e.orRaise(action, err)
	return value
}

func (e *Env) bindAddHeader() lua.LGFunction {
	return func(*lua.LState) int {
		m, name := e.self("add_header"), e.headerName("add_header", 2)
		m.Header.Add(protocol.Field{Name: name, Value: e.headerValue("add_header", 3, name, m)})
		return 0
	}
}

func (e *Env) bindInsertHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, index := e.self("insert_header"), e.integer("insert_header", 2, "index")
		if index < 0 {
			L.RaiseError("insert_header: index is %d; 0 is above the MTA's Received, 1 below it, k+1 after the k-th field", index)
		}
		name := e.headerName("insert_header", 3)
		m.Header.Insert(index, protocol.Field{Name: name, Value: e.headerValue("insert_header", 4, name, m)})
		return 0
	}
}

func (e *Env) bindChangeHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, name := e.self("change_header"), e.headerName("change_header", 2)
		value, n := e.headerValue("change_header", 3, name, m), e.which("change_header", 4, 1)
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

func (e *Env) bindDeleteHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m, name := e.self("delete_header"), e.headerName("delete_header", 2)
		all := L.Get(3) == lua.LNil
		found := false
		for i := m.Header.Find(name, e.which("delete_header", 3, -1)); i >= 0; i = m.Header.Find(name, -1) {
			m.Header.Delete(i)
			found = true
			if !all {
				break
			}
		}
		L.Push(lua.LBool(found))
		return 1
	}
}

func (e *Env) bindChangeSender() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self("change_sender")
		e.orRaise("change_sender", m.ChangeSender(e.text("change_sender", 2, "the address"), e.params("change_sender", 3)))
		return 0
	}
}

func (e *Env) bindAddRecipient() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self("add_recipient")
		added, err := m.AddRecipient(e.text("add_recipient", 2, "the address"), e.params("add_recipient", 3))
		e.orRaise("add_recipient", err)
		L.Push(lua.LBool(added))
		return 1
	}
}

func (e *Env) bindDeleteRecipient() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self("delete_recipient")
		found, err := m.DeleteRecipient(e.text("delete_recipient", 2, "the address"))
		e.orRaise("delete_recipient", err)
		L.Push(lua.LBool(found))
		return 1
	}
}

func (e *Env) bindReplaceBody() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self("replace_body")
		switch v := L.Get(2).(type) {
		case lua.LString:
			m.ReplaceBody([]byte(v))
		case *lua.LTable:
			var all strings.Builder
			for i := 1; i <= v.Len(); i++ {
				part, ok := v.RawGetInt(i).(lua.LString)
				if !ok {
					L.RaiseError("replace_body: item %d is %s; an array of strings was expected", i, v.RawGetInt(i).Type())
				}
				all.WriteString(string(part))
			}
			m.ReplaceBody([]byte(all.String()))
		case *lua.LUserData:
			body, ok := v.Value.(*bodyValue)
			if !ok {
				L.RaiseError("replace_body: the content is a %s; a string or an array of strings was expected", userdataName(v))
			}
			m.ReplaceBody(body.message.Body())
		default:
			L.RaiseError("replace_body: the content is %s; a string or an array of strings was expected", v.Type())
		}
		return 0
	}
}

func (e *Env) bindQuarantine() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self("quarantine")
		e.orRaise("quarantine", m.Quarantine(e.text("quarantine", 2, "the reason")))
		return 0
	}
}

func (e *Env) bindProgress() lua.LGFunction {
	return func(*lua.LState) int {
		e.self("progress")
		e.orRaise("progress", e.call.Host.Progress())
		return 0
	}
}

func (e *Env) orRaise(action string, err error) {
	if err != nil {
		e.L.RaiseError("%s: %v", action, err)
	}
}

// params returns an argument that holds ESMTP parameters, as they go on the command line.
func (e *Env) params(action string, arg int) string {
	switch v := e.L.Get(arg).(type) {
	case *lua.LNilType:
		return ""
	case lua.LString:
		return string(v)
	case *lua.LTable:
		var out []string
		v.ForEach(func(key, value lua.LValue) {
			switch key := key.(type) {
			case lua.LNumber:
				out = append(out, lua.LVAsString(value))
			case lua.LString:
				if value == lua.LTrue {
					out = append(out, string(key))
				} else {
					out = append(out, string(key)+"="+lua.LVAsString(value))
				}
			}
		})
		slices.Sort(out) // a table has no order of its own
		return strings.Join(out, " ")
	default:
		e.L.RaiseError("%s: params is %s; a string or a table was expected", action, v.Type())
		return ""
	}
}
