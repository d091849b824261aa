package luatest

import (
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/simulate"
)

// What a message has that a test does not say.
const (
	defaultSender    = "sender@example.com"
	defaultRecipient = "recipient@example.com"
)

// send is session:send(message).
func (s *session) send(L *lua.LState) int {
	const name = "session:send"
	t, ok := L.Get(2).(*lua.LTable)
	if path, isPath := L.Get(2).(lua.LString); isPath {
		t = L.NewTable()
		t.RawSetString("file", path)
	} else if !ok {
		L.RaiseError("%s: message is %s; a path, or a table such as { headers = {...}, body = \"...\" }, was expected", name, kind(L.Get(2)))
	}
	checkKeys(L, name, t, "from", "from_params", "to", "file", "headers", "body", "queue_id")
	env := simulate.NewEnvelope(optText(L, name, t, "from", defaultSender), listArg(L, name, t.RawGetString("to"), "to")...)
	if len(env.To) == 0 {
		env.To = []simulate.Address{{Mailbox: defaultRecipient}}
	}
	env.FromParams, env.QueueID = listArg(L, name, t.RawGetString("from_params"), "from_params"), optText(L, name, t, "queue_id", "")
	m := s.messageOf(L, t)
	s.begin()
	s.inMessage, s.message = false, m
	if err := s.greet(); err != nil {
		stop(L, err)
	}
	r, err := s.mta.Send(env, s.message)
	if err != nil {
		stop(L, err)
	}
	return s.pushResult(L, r)
}

// messageOf returns the message that a table describes: a file, and what stands in the place of its parts.
func (s *session) messageOf(L *lua.LState, t *lua.LTable) simulate.Message {
	const name = "session:send"
	var m simulate.Message
	if path := optText(L, name, t, "file", ""); path != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(s.file.path), path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			L.RaiseError("%s: %v", name, err)
		}
		m = simulate.ReadMessage(text)
	}
	switch headers := t.RawGetString("headers").(type) {
	case *lua.LNilType:
	case *lua.LTable:
		m.Header = nil
		for i := 1; i <= headers.Len(); i++ {
			field, value := pair(L, headers.RawGetInt(i))
			m.Header = append(m.Header, fieldOf(L, name, field, value))
		}
		if headers.Len() == 0 && !isEmpty(headers) {
			L.RaiseError("%s: headers is a table of names; fields have an order: write { { \"Subject\", \"hello\" } }", name)
		}
	default:
		L.RaiseError("%s: headers is %s; a list such as { { \"Subject\", \"hello\" } } was expected", name, kind(headers))
	}
	if body := t.RawGetString("body"); body != lua.LNil {
		text, ok := textOf(body)
		if !ok {
			L.RaiseError("%s: body is %s; a string was expected", name, kind(body))
		}
		m.Body = simulate.ReadMessage([]byte("\n" + text)).Body
	}
	return m
}

func isEmpty(t *lua.LTable) bool {
	k, _ := t.Next(lua.LNil)
	return k == lua.LNil
}

// pair takes a header field apart: { "Subject", "hello" }, or "Subject: hello".
func pair(L *lua.LState, v lua.LValue) (name, value string) {
	switch v := v.(type) {
	case lua.LString:
		if name, value, ok := strings.Cut(string(v), ":"); ok {
			return name, strings.TrimPrefix(value, " ")
		}
	case *lua.LTable:
		name, ok := textOf(v.RawGetInt(1))
		value, both := textOf(v.RawGetInt(2))
		if ok && both {
			return name, value
		}
	}
	L.RaiseError("session:send: headers has %s; a field is { \"Subject\", \"hello\" } or \"Subject: hello\"", show(v))
	return "", ""
}
