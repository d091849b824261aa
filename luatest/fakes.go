package luatest

import (
	"encoding/json"
	"net/http"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/outbox"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// fakeEntries are what stands in the place of those that scripts ask, until the end of the test.
func (f *file) fakeEntries() []luaapi.Func {
	const errors = "Outside a test. What is given is of another kind."
	return []luaapi.Func{
		entry("fake_http", "answers: table", "", "Has `http` in the scripts get these `answers`, by URL: tables with `status` (200 if it is not said), `headers` and `body`, a text for a body alone, or false for a server that does not answer. Another URL is an error in the script.", errors, "", f.fakeHTTP),
		entry("fake_clamav", "viruses: table|boolean", "", "Has `clamav` in the scripts find these `viruses`: names by a text that the infected has in it. With false it does not answer.", errors, "", f.fakeClamAV),
		entry("fake_rspamd", "result: table|boolean", "", "Has `rspamd` in the scripts give this `result`, with `action`, `score`, `required`, `text` and `symbols`, tables of `score` by name. With false it does not answer.", errors, "", f.fakeRspamd),
		entry("fake_spamc", "result: table|boolean", "", "Has `spamc` in the scripts give this `result`, with `spam`, `score`, `threshold` and `symbols`. With false it does not answer.", errors, "", f.fakeSpamc),
		entry("fake_socket", "answers: table", "", "Has `socket` in the scripts get these `answers`, texts by address. Another address is an error in the script.", errors, "", f.fakeSocket),
		entry("fake_smtp", "recipients: string[]", "", "Has `smtp.verify` in the scripts know these `recipients`, and no others.", errors, "", f.fakeSMTP),
		entry("fake_outbox", "", "", "Has `http.later` and `smtp.send` in the scripts work. Nothing is delivered; `sent` tells what would be.", "Outside a test.", "", f.fakeOutbox),
		entry("sent", "", "table[]", "What the scripts have sent with `http.later` and `smtp.send` since `fake_outbox`: tables with `kind` (`http` or `mail`), and `url`, `method` and `body`, or `to`, `from` and `content`.", "Outside a test. There is no `fake_outbox`.", "", f.sent),
	}
}

// fakeTable returns the table that a fake is given.
func (f *file) fakeTable(L *lua.LState, function string) *lua.LTable {
	f.inTest(L, function)
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		L.RaiseError("%s: it was given %s; a table was expected", function, kind(L.Get(1)))
	}
	return t
}

// isDown reports whether a fake is told not to answer.
func (f *file) isDown(L *lua.LState, function string) bool {
	f.inTest(L, function)
	return L.Get(1) == lua.LFalse
}

func (f *file) fakeHTTP(L *lua.LState) int {
	answers := web.NewFake()
	f.fakeTable(L, "fake_http").ForEach(func(url, v lua.LValue) { answers.Answer(url.String(), answerOf(L, v)) })
	f.world.HTTP = answers
	return 0
}

// answerOf reads an answer of a server.
func answerOf(L *lua.LState, v lua.LValue) web.Response {
	r := web.Response{Status: http.StatusOK, Header: http.Header{}}
	switch v := v.(type) {
	case lua.LString:
		r.Body = string(v)
	case *lua.LTable:
		if n, ok := v.RawGetString("status").(lua.LNumber); ok {
			r.Status = int(n)
		}
		if s, ok := v.RawGetString("body").(lua.LString); ok {
			r.Body = string(s)
		}
		if headers, ok := v.RawGetString("headers").(*lua.LTable); ok {
			headers.ForEach(func(name, value lua.LValue) { r.Header.Set(name.String(), value.String()) })
		}
	default:
		if v != lua.LFalse {
			L.RaiseError("fake_http: an answer is %s; a table, a text or false was expected", kind(v))
		}
		r.Status = 0
	}
	return r
}

func (f *file) fakeClamAV(L *lua.LState) int {
	scanner := clamav.NewFake()
	f.world.ClamAV = scanner
	if f.isDown(L, "fake_clamav") {
		scanner.Fail("no answer")
		return 0
	}
	f.fakeTable(L, "fake_clamav").ForEach(func(text, name lua.LValue) { scanner.Infect(text.String(), name.String()) })
	return 0
}

func (f *file) fakeRspamd(L *lua.LState) int {
	f.world.Rspamd = &rspamd.Fake{}
	if f.isDown(L, "fake_rspamd") {
		return 0
	}
	t := f.fakeTable(L, "fake_rspamd")
	r := &rspamd.Result{Action: "no action", Required: 15, Symbols: map[string]rspamd.Symbol{}, Messages: map[string]string{"smtp_message": textIn(t, "text")}}
	if action := textIn(t, "action"); action != "" {
		r.Action = action
	}
	r.Score, r.Required = numberIn(t, "score", 0), numberIn(t, "required", r.Required)
	if symbols, ok := t.RawGetString("symbols").(*lua.LTable); ok {
		symbols.ForEach(func(name, v lua.LValue) {
			if one, ok := v.(*lua.LTable); ok {
				r.Symbols[name.String()] = rspamd.Symbol{Score: numberIn(one, "score", 0)}
			}
		})
	}
	f.world.Rspamd = &rspamd.Fake{Result: r}
	return 0
}

func (f *file) fakeSpamc(L *lua.LState) int {
	f.world.Spamd = &spamd.Fake{}
	if f.isDown(L, "fake_spamc") {
		return 0
	}
	t := f.fakeTable(L, "fake_spamc")
	r := &spamd.Result{Spam: lua.LVAsBool(t.RawGetString("spam")), Score: numberIn(t, "score", 0), Threshold: numberIn(t, "threshold", 5)}
	if symbols, ok := t.RawGetString("symbols").(*lua.LTable); ok {
		r.Symbols = textsIn(symbols)
	}
	f.world.Spamd = &spamd.Fake{Result: r}
	return 0
}

func (f *file) fakeSocket(L *lua.LState) int {
	sockets := upstream.NewFake()
	f.fakeTable(L, "fake_socket").ForEach(func(address, answer lua.LValue) { sockets.Answer(address.String(), answer.String()) })
	f.world.Socket = sockets
	return 0
}

func (f *file) fakeSMTP(L *lua.LState) int {
	recipients := smtp.NewFake()
	for _, r := range textsIn(f.fakeTable(L, "fake_smtp")) {
		recipients.Know(r)
	}
	f.world.SMTP = recipients
	return 0
}

func (f *file) fakeOutbox(L *lua.LState) int {
	f.inTest(L, "fake_outbox")
	f.world.Outbox, f.world.Relay = &outbox.Fake{}, "127.0.0.1:25"
	return 0
}

// sent returns what is in the outbox.
func (f *file) sent(L *lua.LState) int {
	f.inTest(L, "sent")
	box, ok := f.world.Outbox.(*outbox.Fake)
	if !ok {
		L.RaiseError("sent: there is no outbox; call fake_outbox() before the session")
	}
	all := L.NewTable()
	for _, i := range box.Items() {
		one := L.NewTable()
		one.RawSetString("kind", lua.LString(i.Kind))
		var payload struct {
			web.Request
			smtp.Mail
		}
		if err := json.Unmarshal(i.Payload, &payload); err != nil {
			L.RaiseError("sent: %v", err)
		}
		if i.Kind == luaapi.OutboxHTTP {
			one.RawSetString("url", lua.LString(payload.URL))
			one.RawSetString("method", lua.LString(payload.Method))
			one.RawSetString("body", lua.LString(payload.Body))
		} else {
			to := L.NewTable()
			for _, r := range payload.To {
				to.Append(lua.LString(r))
			}
			one.RawSetString("to", to)
			one.RawSetString("from", lua.LString(payload.From))
			one.RawSetString("content", lua.LString(payload.Content))
		}
		all.Append(one)
	}
	L.Push(all)
	return 1
}

func textIn(t *lua.LTable, name string) string {
	s, _ := t.RawGetString(name).(lua.LString)
	return string(s)
}

func numberIn(t *lua.LTable, name string, otherwise float64) float64 {
	if n, ok := t.RawGetString(name).(lua.LNumber); ok {
		return float64(n)
	}
	return otherwise
}

func textsIn(t *lua.LTable) (all []string) {
	for i := 1; i <= t.Len(); i++ {
		all = append(all, t.RawGetInt(i).String())
	}
	return all
}
