package luaapi

import (
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
)

// letter returns a message as it is sent over SMTP, with the edits made so far, and its size in bytes. The body is not copied; so it may be
// read while the hook waits, and no longer.
func letter(m *mail.Message, above string) (r io.Reader, size int64) {
	var head strings.Builder
	head.WriteString(above)
	for i := range m.Header.Len() {
		f := m.Header.Field(i)
		head.WriteString(strings.ReplaceAll(strings.ReplaceAll(f.Raw(), "\r\n", "\n"), "\n", "\r\n"))
		head.WriteString("\r\n")
	}
	head.WriteString("\r\n")
	body := m.Body()
	return io.MultiReader(strings.NewReader(head.String()), io.NewSectionReader(body, 0, body.Len())), int64(head.Len()) + body.Len()
}

// messageArgument returns the message that a function is given, which must be that of the running eom hook.
func (e *Env) messageArgument(L *lua.LState, function string, arg int) *mail.Message {
	m := e.message(L, function)
	ud, ok := L.Get(arg).(*lua.LUserData)
	if !ok {
		L.RaiseError("%s: the message is %s; write %s(msg), with the msg that eom is given", function, kindOf(L.Get(arg)), function)
	}
	if ud.Value != any(m) {
		L.RaiseError("%s: that is not the msg that eom is given", function)
	}
	return m
}
