package luaapi

import (
	"context"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/spamd"
)

var spamcModule = Module{
	"spamc", Require,
	"What SpamAssassin thinks of a message: its spamd, at `spamd.address`.",
	nil,
	[]Func{
		{"check", "msg: msg, options: table?", "spamcresult?, string?", "eom", "Has SpamAssassin check `msg`, as it is at that point, below a Received field that tells of the client. The result is a [spamcresult](#spamcresult), or nil and why there is none. " +
			"The `options` are `want`, what shall be found out: `\"symbols\"`, the default, `\"score\"`, which is less to send, or `\"headers\"`; `user`, whose preferences count; `timeout`, seconds, by default `spamd.timeout` of the configuration if that is shorter; and `on_error`. " + onErrorDoc,
			"`msg` is something else; `spamd.address` is not configured; an option is not known; `on_error` is `\"fail\"` and the result would be nil.", "spamd/PROTOCOL of SpamAssassin", (*Env).bindSpamc},
	},
}

var spamcresultModule = Module{
	"spamcresult", Record, "What `spamc.check` returns: a plain table.",
	[]Property{
		{"spam", "boolean", "Whether the score reaches the threshold.", ""},
		{"score", "number", "The score.", ""},
		{"threshold", "number", "The score from which on it is spam.", ""},
		{"symbols", "string[]", "The names of the rules that matched; empty unless `want` is `symbols`.", ""},
		{"headers", "string?", "The header as SpamAssassin would have it, where `want` is `headers`.", ""},
	}, nil,
}

// spamcWants are what the option want may be.
var spamcWants = map[string]spamd.Command{"score": spamd.Check, "symbols": spamd.Symbols, "headers": spamd.Headers}

func (e *Env) bindSpamc() lua.LGFunction {
	const function = "spamc.check"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		m := e.messageArgument(L, function, 1)
		client := e.call.Host.Services().Spamd
		if client == nil {
			raiseAbsent(L, function, "set spamd.address in the configuration", "fake_spamc")
		}
		q := &spamd.Message{Command: spamd.Symbols}
		var p patience
		takeOptions(L, function, 2, p.options(textOption("user", &q.User),
			option{"want", func(L *lua.LState, function, name string, v lua.LValue) {
				q.Command = spamcWants[oneOf(L, function, name, v, "symbols", "score", "headers")]
			}})...)
		q.Content, q.Size = letter(m, e.received())
		var result *spamd.Result
		if !e.ask(L, function, p, func(ctx context.Context) (err error) {
			result, err = client.Check(ctx, q)
			return err
		}) {
			return 2
		}
		L.Push(e.spamcResult(L, result))
		return 1
	}
}

// received is a Received field as the MTA adds one later, from which SpamAssassin knows the client, below the envelope sender.
func (e *Env) received() string {
	c := e.call.Conn
	clean := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' || strings.ContainsRune("()[]<>;\\", r) {
				return '?'
			}
			return r
		}, s)
	}
	by := clean(c.macro("j"))
	if by == "" {
		by = "localhost"
	}
	with := "ESMTP"
	if c.macro("{auth_authen}") != "" {
		with = "ESMTPA"
	}
	return fmt.Sprintf("Return-Path: <%s>\r\nReceived: from %s (%s [%s])\r\n\tby %s with %s id %s;\r\n\t%s\r\n", clean(e.call.Message.Sender()),
		clean(c.Helo), clean(strings.Trim(c.Host, "[]")), clean(c.IP), by, with, clean(c.QueueID()), e.Clock.Now().Format(time.RFC1123Z))
}

func (e *Env) spamcResult(L *lua.LState, r *spamd.Result) lua.LValue {
	for _, s := range r.Symbols {
		e.grow(L, len(s)+itemSize)
	}
	e.grow(L, tableSize+len(r.Headers))
	t := L.CreateTable(0, 5)
	t.RawSetString("spam", lua.LBool(r.Spam))
	t.RawSetString("score", lua.LNumber(r.Score))
	t.RawSetString("threshold", lua.LNumber(r.Threshold))
	t.RawSetString("symbols", e.list(r.Symbols))
	setText(t, "headers", r.Headers)
	return t
}
