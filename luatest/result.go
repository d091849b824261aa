package luatest

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
	"luamilter/simulate"
)

// result is what a step or a message came to, as tests see it.
type result struct {
	session *session
	verdict protocol.Verdict
	stage   protocol.Stage // where the verdict fell
	reply   protocol.Reply // what the SMTP client gets
	message *simulate.Result
	sent    simulate.Message // nil header and body for a step
}

// String says it on one line.
func (r *result) String() string {
	text := r.verdict.String()
	if r.reply.Code != 0 {
		text += fmt.Sprintf(" %d %s", r.reply.Code, r.reply.Enhanced)
		text = strings.TrimRight(text, " ") + " " + quote(r.reply.Text)
	}
	return text + " at " + r.stage.String()
}

// delivered is the message as it goes on, nil if it does not, or there is none.
func (r *result) delivered() *simulate.Delivered {
	if r.message == nil {
		return nil
	}
	return r.message.Delivered
}

// field returns a field of a result.
func (r *result) field(L *lua.LState, name string) lua.LValue {
	switch name {
	case "verdict":
		return lua.LString(r.verdict.String())
	case "stage":
		return lua.LString(r.stage.String())
	case "code":
		return orNone(r.reply.Code != 0, lua.LNumber(r.reply.Code))
	case "enhanced":
		return orNone(r.reply.Enhanced != "", lua.LString(r.reply.Enhanced))
	case "text":
		return orNone(r.reply.Text != "", lua.LString(r.reply.Text))
	case "changes":
		return stringList(L, r.changes())
	case "message":
		if d := r.delivered(); d != nil {
			return messageTable(L, d)
		}
	}
	return lua.LNil
}

func orNone(there bool, v lua.LValue) lua.LValue {
	if !there {
		return lua.LNil
	}
	return v
}

func stringList(L *lua.LState, list []string) lua.LValue {
	t := L.CreateTable(len(list), 0)
	for _, s := range list {
		t.Append(lua.LString(s))
	}
	return t
}

// messageTable is a message as a table.
func messageTable(L *lua.LState, d *simulate.Delivered) *lua.LTable {
	headers := L.CreateTable(len(d.Header), 0)
	for _, f := range d.Header {
		one := L.CreateTable(0, 2)
		one.RawSetString("name", lua.LString(f.Name))
		one.RawSetString("value", lua.LString(f.Value))
		headers.Append(one)
	}
	t := L.CreateTable(0, 5)
	t.RawSetString("headers", headers)
	t.RawSetString("body", lua.LString(readable(d.Body)))
	t.RawSetString("sender", lua.LString(d.Sender))
	t.RawSetString("recipients", stringList(L, addresses(d)))
	t.RawSetString("quarantine", orNone(d.Quarantine != "", lua.LString(d.Quarantine)))
	return t
}

// readable is a text with line ends as people write them.
func readable(text []byte) string { return strings.ReplaceAll(string(text), "\r\n", "\n") }

func addresses(d *simulate.Delivered) []string {
	var list []string
	for _, r := range d.Recipients {
		list = append(list, r.Address)
	}
	return list
}

// changes are the changes of the message, each as a line.
func (r *result) changes() []string {
	if r.message == nil {
		return nil
	}
	var list []string
	for i := range r.message.Changes {
		list = append(list, changeText(&r.message.Changes[i]))
	}
	return list
}

// changeText is a change as a line.
func changeText(c *protocol.Change) string {
	switch c.Response {
	case protocol.RespAddHeader:
		return "add " + c.Name + ": " + c.Value
	case protocol.RespInsHeader:
		return fmt.Sprintf("insert at %d %s: %s", c.Index, c.Name, c.Value)
	case protocol.RespChgHeader:
		if c.Value == "" {
			return fmt.Sprintf("delete %s %d", c.Name, c.Index)
		}
		return fmt.Sprintf("change %s %d: %s", c.Name, c.Index, c.Value)
	case protocol.RespReplBody:
		return fmt.Sprintf("body of %d bytes", len(c.Body))
	case protocol.RespChgFrom:
		return strings.TrimRight("sender "+c.Value+" "+c.Params, " ")
	case protocol.RespAddRcpt, protocol.RespAddRcptPar:
		return strings.TrimRight("add recipient "+c.Value+" "+c.Params, " ")
	case protocol.RespDelRcpt:
		return "delete recipient " + c.Value
	case protocol.RespQuarantine:
		return "quarantine " + c.Value
	}
	return c.Response.String()
}
