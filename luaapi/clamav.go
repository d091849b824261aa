package luaapi

import (
	"context"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/clamav"
	"luamilter/luaapi/mail"
)

var clamavModule = Module{
	"clamav", Require,
	"Viruses, found by ClamAV: by clamd, at `clamav.address`. What is scanned is streamed to it.",
	nil,
	[]Func{
		{"scan", "what: msg|part|string, options: table?", "string?, string?", "", "Has `what` scanned: the whole message as it is at that point, the decoded content of a part, or a text. `\"clean\"`, or `\"infected\"` and the name of what was found, or nil and why it is not known: clamd does not answer, is not done in time, or takes no more than its StreamMaxLength. " +
			"The `options` are `timeout`, seconds, by default `clamav.timeout` of the configuration if that is shorter, and `on_error`. " + onErrorDoc,
			"`what` is something else; `clamav.address` is not configured; an option is not known; `on_error` is `\"fail\"` and the result would be nil.", "clamd(8): INSTREAM", (*Env).bindScan},
	},
}

func (e *Env) bindScan() lua.LGFunction {
	const function = "clamav.scan"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		scanner := e.current(L, function).Host.Services().ClamAV
		if scanner == nil {
			raiseAbsent(L, function, "set clamav.address in the configuration", "fake_clamav")
		}
		var p patience
		takeOptions(L, function, 2, p.options()...)
		what := e.scanned(L, function)
		var result clamav.Result
		if !e.ask(L, function, p, func(ctx context.Context) (err error) {
			result, err = scanner.Scan(ctx, what)
			return err
		}) {
			return 2
		}
		if !result.Infected {
			L.Push(lua.LString("clean"))
			return 1
		}
		L.Push(lua.LString("infected"))
		L.Push(lua.LString(result.Name))
		return 2
	}
}

// scanned returns a reader of what is to be scanned.
func (e *Env) scanned(L *lua.LState, function string) io.Reader {
	switch v := L.Get(1).(type) {
	case lua.LString:
		return strings.NewReader(string(v))
	case *lua.LUserData:
		switch value := v.Value.(type) {
		case bodyText:
			return strings.NewReader(string(value))
		case *filedBody:
			return io.NewSectionReader(value.src, 0, value.src.Len())
		case partValue:
			if m := e.message(L, function); value.message != m {
				L.RaiseError("%s: a part of an earlier message; ask the msg that eom is given for its parts", function)
			}
			e.decodes(L, value.part)
			return value.part.Reader()
		case *mail.Message:
			r, _ := letter(e.messageArgument(L, function, 1), "")
			return r
		}
	}
	L.RaiseError("%s: what is scanned is %s; a msg, a part or a string was expected", function, kindOf(L.Get(1)))
	return nil
}
