package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/fieldvalue"
	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

var fieldModule = Module{
	"field", Object,
	"A header field: `headers[i]`, what `headers:each()` goes over, and what a function given to `msg:delete_header` gets. It stays that field however many others are inserted, deleted or moved around it, also by other scripts, and shows " +
		"its value as edited; a deleted one, or one kept for a later hook, shows what it last was. Two are equal (`==`) if they are the same field. `tostring(field)` is `field.raw`.",
	[]Property{
		{"name", "string", "Its name, in the case it came with.", "RFC 5322 section 2.2"},
		{"value", "string", "Its value on one line, encoded-words (RFC 2047) as they are.", "RFC 5322 section 2.2.3"},
		{"decoded", "string", "Its value as people read it; see `headers:decoded`.", "RFC 2047"},
		{"broken", "boolean", "Whether `decoded` is a guess; see `headers:decoded`.", ""},
		{"raw", "string", "Name, colon, and every byte after it; folds are LF and blanks.", ""},
	},
	[]Func{
		{"change", "value: string|number|raw", "boolean", "eom", "Gives the field another `value`, by the rules for header values of msg. Returns false, and does nothing, if the field was deleted.", "`value` breaks the rules for header values.", "mfapi.h: smfi_chgheader", (*Env).bindFieldChange},
		{"delete", "", "boolean", "eom", "Deletes the field. Returns false if it was deleted already.", "", "mfapi.h: smfi_chgheader", (*Env).bindFieldDelete},
	},
}

// headerField is the value behind a field, with the field itself so that both need one allocation.
type headerField struct {
	userdata lua.LUserData
	header   *protocol.HeaderEdit // nil in a copy that was kept outside its VM
	stage    protocol.Stage       // of the hook it is for
	id       protocol.FieldID
	at       int            // where it was found last
	seen     protocol.Field // as it was then
}

// keptField is a field outside any VM.
type keptField protocol.Field

// openField makes the metatable of fields.
func (e *Env) openField() {
	methods := fieldModule.methods(e)
	e.fieldMeta = e.metatable("field", map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			L.Push(e.fieldIndex(L, methods))
			return 1
		},
		"__newindex": readOnly("field", "field:change(value) changes it in eom"),
		"__eq": func(L *lua.LState) int {
			a, b := fieldOf(L, 1), fieldOf(L, 2)
			L.Push(lua.LBool(a == b || a != nil && b != nil && a.header != nil && a.header == b.header && a.id == b.id))
			return 1
		},
		"__tostring": func(L *lua.LState) int {
			f := e.field(L, "tostring")
			L.Push(lua.LString(f.seen.Raw()))
			return 1
		},
	})
}

// newField returns the i-th field of a header, from 0, as a value.
func (e *Env) newField(h *protocol.HeaderEdit, i int) *lua.LUserData {
	f := e.fieldAt(h, i)
	return e.fieldValue(&f)
}

func (e *Env) fieldAt(h *protocol.HeaderEdit, i int) headerField {
	return headerField{header: h, stage: e.call.Stage, id: h.ID(i), at: i, seen: h.Field(i)}
}

func (e *Env) fieldValue(f *headerField) *lua.LUserData {
	f.userdata = lua.LUserData{Value: f, Env: e.L.Env, Metatable: once(&e.fieldMeta, e.openField)}
	return &f.userdata
}

// fieldOf returns an argument that is a field, nil if it is none.
func fieldOf(L *lua.LState, arg int) *headerField {
	ud, _ := L.Get(arg).(*lua.LUserData)
	if ud == nil {
		return nil
	}
	f, _ := ud.Value.(*headerField)
	return f
}

// field returns the field that something is asked of, as it is now if it is of the message at hand.
func (e *Env) field(L *lua.LState, method string) *headerField {
	receiver(L, "field", method)
	f := fieldOf(L, 1)
	if f == nil {
		L.RaiseError("field:%s: it was called on %s", method, kindOf(L.Get(1)))
	}
	if e.live(f) {
		if f.at = f.header.Index(f.id, f.at); f.at >= 0 {
			f.seen = f.header.Field(f.at)
		}
	}
	return f
}

// live reports whether a field is of the running hook. One of eoh is not live in eom, though the header is the same: it may have been to
// another VM in between.
func (e *Env) live(f *headerField) bool {
	return e.call != nil && f.header != nil && f.header == e.call.Headers && f.stage == e.call.Stage
}

// fieldIndex is something of a field, or a method.
func (e *Env) fieldIndex(L *lua.LState, methods *lua.LTable) lua.LValue {
	key, _ := L.Get(2).(lua.LString)
	if method := methods.RawGetString(string(key)); key != "" && method != lua.LNil {
		return method
	}
	f := e.field(L, "__index")
	switch key {
	case "name":
		return e.Text([]byte(f.seen.Name))
	case "value":
		return lua.LString(fieldvalue.Unfold(f.seen.Value))
	case "raw":
		return lua.LString(f.seen.Raw())
	case "decoded":
		text, _ := e.decoded(L, f.seen.Value)
		return text
	case "broken":
		_, broken := e.decoded(L, f.seen.Value)
		return broken
	}
	L.RaiseError("field has no %s; it has name, value, decoded, broken, raw, change and delete", keyName(L.Get(2)))
	return lua.LNil
}

// keyName writes a key for an error.
func keyName(key lua.LValue) string {
	if s, ok := key.(lua.LString); ok {
		return `"` + cut(string(s), 40) + `"`
	}
	return "[" + kindOf(key) + "]"
}

// editable returns the field that an action was called on, and the message it is of; nil if the field was deleted.
func (e *Env) editable(L *lua.LState, action string) (*headerField, *mail.Message) {
	m := e.message(L, "field:"+action)
	f := e.field(L, action)
	if !e.live(f) {
		L.RaiseError("field:%s on a field kept from an earlier hook; use those of msg.headers", action)
	}
	if f.at < 0 {
		return nil, m
	}
	return f, m
}

func (e *Env) bindFieldChange() lua.LGFunction {
	return func(L *lua.LState) int {
		f, m := e.editable(L, "change")
		if f != nil {
			value := headerValue(L, "field:change", 2, f.seen.Name, m)
			m.Header.Change(f.at, value)
		}
		L.Push(lua.LBool(f != nil))
		return 1
	}
}

func (e *Env) bindFieldDelete() lua.LGFunction {
	return func(L *lua.LState) int {
		f, m := e.editable(L, "delete")
		if f != nil {
			m.Header.Delete(f.at)
		}
		L.Push(lua.LBool(f != nil))
		return 1
	}
}
