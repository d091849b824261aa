package luaapi

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/luaapi/mime"
	"luamilter/luaapi/mime/edit"
)

// The actions of msg that change the body in one place and leave every other byte.

const badEdit = "The table has a field of another kind or name."

// fieldsOf returns the fields of a table that an action takes. Any other is an error.
func fieldsOf(L *lua.LState, action string, t *lua.LTable, texts, flags []string) (text map[string]string, flag map[string]bool) {
	text, flag = map[string]string{}, map[string]bool{}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		name, _ := k.(lua.LString)
		switch {
		case slices.Contains(texts, string(name)):
			s, ok := v.(lua.LString)
			if !ok {
				L.RaiseError("%s: %s is %s; a string was expected", action, string(name), kindOf(v))
			}
			text[string(name)] = string(s)
		case slices.Contains(flags, string(name)):
			b, ok := v.(lua.LBool)
			if !ok {
				L.RaiseError("%s: %s is %s; true or false was expected", action, string(name), kindOf(v))
			}
			flag[string(name)] = bool(b)
		default:
			L.RaiseError("%s: %s is not known; there are %s", action, shortKey(k), strings.Join(append(slices.Clone(texts), flags...), ", "))
		}
	}
	return text, flag
}

// cutOff is why a message stays as it is of which not all was collected.
const cutOff edit.Reason = "truncated"

// edits makes an edit, and pushes what a script gets: true, or false and why.
func (e *Env) edits(L *lua.LState, m *mail.Message, change edit.Edit, why edit.Reason) int {
	if m.Truncated {
		why = cutOff
	}
	if why != "" {
		L.Push(lua.LFalse)
		L.Push(lua.LString(why))
		return 2
	}
	size := 0 // that is made in memory
	if _, ok := m.Body().(mime.Text); ok {
		size = int(m.Body().Len())
	}
	for _, s := range change.Splices {
		size += len(s.New)
	}
	e.grow(L, size)
	orRaisePlainly(L, e.Budget.Spend(m.Body().Len()/parseBytes))
	m.Edit(change)
	L.Push(lua.LTrue)
	return 1
}

// addition is edit.AddFooter or edit.AddBanner.
type addition = func(m *mime.Message, f edit.Footer) (edit.Edit, edit.Reason)

func (e *Env) bindAddFooter() lua.LGFunction { return e.bindAddition("add_footer", edit.AddFooter) }
func (e *Env) bindAddBanner() lua.LGFunction { return e.bindAddition("add_banner", edit.AddBanner) }

func (e *Env) bindAddition(action string, add addition) lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, action)
		t, ok := L.Get(2).(*lua.LTable)
		if !ok {
			L.RaiseError("%s: it takes a table such as { text = \"...\" }, not %s", action, kindOf(L.Get(2)))
		}
		text, flag := fieldsOf(L, action, t, []string{"text", "html", "marker"}, []string{"once", "force"})
		tree := e.parts(L, m)
		orRaisePlainly(L, e.Budget.Spend(m.Body().Len()/parseBytes))
		change, why := add(tree.Message, edit.Footer{Text: text["text"], HTML: text["html"], Marker: text["marker"], Once: flag["once"], Force: flag["force"]})
		return e.edits(L, m, change, why)
	}
}

// target returns the part that an action is about, as it is now; nil if it is gone.
func (e *Env) target(L *lua.LState, action string, m *mail.Message) (p partValue, ok bool) {
	ud, _ := L.Get(2).(*lua.LUserData)
	if ud != nil {
		p, ok = ud.Value.(partValue)
	}
	if !ok || p.message != m {
		L.RaiseError("%s: part is %s; one of msg.parts was expected", action, kindOf(L.Get(2)))
	}
	p.part = m.Now(p.part, p.tree)
	return p, p.part != nil
}

func (e *Env) bindRemovePart() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "remove_part")
		note := edit.Replacement{}
		switch v := L.Get(3).(type) {
		case *lua.LNilType:
		case lua.LString:
			note.Text = string(v)
		case *lua.LTable:
			text, flag := fieldsOf(L, "remove_part", v, []string{"text", "type", "filename"}, []string{"force"})
			note = edit.Replacement{Type: text["type"], Text: text["text"], Filename: text["filename"], Force: flag["force"]}
		default:
			L.RaiseError("remove_part: note is %s; a string or a table was expected", kindOf(v))
		}
		p, ok := e.target(L, "remove_part", m)
		if !ok {
			return e.edits(L, m, edit.Edit{}, edit.NotAPart)
		}
		change, why := edit.RemovePart(e.parts(L, m).Message, p.part, note)
		return e.edits(L, m, change, why)
	}
}

func (e *Env) bindReplacePart() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "replace_part")
		with := edit.Content{}
		if options, ok := L.Get(4).(*lua.LTable); ok {
			text, flag := fieldsOf(L, "replace_part", options, []string{"type"}, []string{"force"})
			with.Type, with.Force = text["type"], flag["force"]
		} else if L.Get(4) != lua.LNil {
			L.RaiseError("replace_part: options is %s; a table was expected", kindOf(L.Get(4)))
		}
		p, ok := e.target(L, "replace_part", m)
		with.Bytes = text(L, "replace_part", 3, "content")
		if !ok {
			return e.edits(L, m, edit.Edit{}, edit.NotAPart)
		}
		change, why := edit.ReplacePart(e.parts(L, m).Message, p.part, with)
		return e.edits(L, m, change, why)
	}
}
