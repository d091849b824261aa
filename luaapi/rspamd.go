package luaapi

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mail"
	"luamilter/luaapi/rspamd"
)

var rspamdModule = Module{
	"rspamd", Require,
	"What Rspamd, at `rspamd.url`, thinks of a message.",
	nil,
	[]Func{
		{"check", "msg: msg, options: table?", "rspamdresult?, string?", "eom", "Has Rspamd check `msg`, as it is at that point, and tells it what is known of the client and the envelope. The result is a [rspamdresult](#rspamdresult), or nil and why there is none. " +
			"The `options` are `timeout`, seconds, by default `rspamd.timeout` of the configuration if that is shorter, and `on_error`. " + onErrorDoc,
			"`msg` is something else; `rspamd.url` is not configured; an option is not known; `on_error` is `\"fail\"` and the result would be nil.", "Rspamd: /checkv2", (*Env).bindRspamd},
	},
}

var rspamdresultModule = Module{
	"rspamdresult", Record, "What `rspamd.check` returns: a plain table.",
	[]Property{
		{"action", "string", "`no action`, `greylist`, `add header`, `rewrite subject`, `soft reject` or `reject`.", ""},
		{"score", "number", "The score.", ""},
		{"required", "number", "The score at which Rspamd rejects.", ""},
		{"skipped", "boolean", "Whether Rspamd did not look at it.", ""},
		{"subject", "string?", "The subject that Rspamd would have, where the action is `rewrite subject`.", ""},
		{"text", "string?", "What Rspamd would have a reply say.", ""},
		{"symbols", "table", "The rules that matched, by name: tables of `score`, `description` (nil if there is none) and `options`, a list.", ""},
	}, nil,
}

func (e *Env) bindRspamd() lua.LGFunction {
	const function = "rspamd.check"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		m := e.messageArgument(L, function, 1)
		client := e.call.Host.Services().Rspamd
		if client == nil {
			raiseAbsent(L, function, "set rspamd.url in the configuration", "fake_rspamd")
		}
		var p patience
		takeOptions(L, function, 2, p.options()...)
		question := e.rspamdMessage(m)
		var result *rspamd.Result
		if !e.ask(L, function, p, func(ctx context.Context) (err error) {
			result, err = client.Check(ctx, question)
			return err
		}) {
			return 2
		}
		L.Push(e.rspamdResult(L, result))
		return 1
	}
}

// rspamdMessage is what Rspamd is told.
func (e *Env) rspamdMessage(m *mail.Message) *rspamd.Message {
	c := e.call.Conn
	q := &rspamd.Message{
		Hostname: c.Host, Helo: c.Helo, User: c.macro("{auth_authen}"), QueueID: c.QueueID(),
		TLSVersion: c.macro("{tls_version}"), TLSCipher: c.macro("{cipher}"), From: m.Sender(),
	}
	if c.Family.String() != "unix" {
		q.IP = c.IP
	}
	for _, r := range m.Recipients() {
		q.Rcpt = append(q.Rcpt, r.Address)
	}
	q.Content, q.Size = letter(m, "")
	return q
}

func (e *Env) rspamdResult(L *lua.LState, r *rspamd.Result) lua.LValue {
	t := L.CreateTable(0, 7)
	t.RawSetString("action", lua.LString(r.Action))
	t.RawSetString("score", lua.LNumber(r.Score))
	t.RawSetString("required", lua.LNumber(r.Required))
	t.RawSetString("skipped", lua.LBool(r.Skipped))
	setText(t, "subject", r.Subject)
	setText(t, "text", r.Messages["smtp_message"])
	symbols := L.CreateTable(0, len(r.Symbols))
	for name, s := range r.Symbols {
		e.grow(L, tableSize+len(name)+len(s.Description))
		one := L.CreateTable(0, 3)
		one.RawSetString("score", lua.LNumber(s.Score))
		setText(one, "description", s.Description)
		one.RawSetString("options", e.list(s.Options))
		symbols.RawSetString(name, one)
	}
	t.RawSetString("symbols", symbols)
	return t
}

// setText sets a field of a table, unless the text is empty.
func setText(t *lua.LTable, name, text string) {
	if text != "" {
		t.RawSetString(name, lua.LString(text))
	}
}
