package luaapi

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/upstream"
)

var socketModule = Module{
	"socket", Require,
	"Questions to servers of one's own, over TCP and unix sockets.",
	nil,
	[]Func{
		{"request", "question: question", "string?, string?", "", "Connects, sends what `question` says, and returns the answer, or nil and why there is none. It takes 5 seconds at most. A server that failed three times in a row is not asked for ten seconds. " +
			"Nothing checks where it leads: never make the address of what mail says.",
			"A field of `question` is missing, not known, or of another kind; `on_error` is `\"fail\"` and there is no answer.", "", (*Env).bindSocket},
	},
}

var questionModule = Module{
	"question", Record, "What `socket.request` takes.",
	[]Property{
		{"address", "string", "Where to: `host:port` or `unix:/path`.", ""},
		{"send", "string", "What is sent, as it is.", ""},
		{"line", "boolean?", "Whether the answer is a line; its end is taken off. Without `line` and `length` it goes on until the server closes the connection, and the server sees the end of the question.", ""},
		{"length", "integer?", "Bytes, 1 to 8, of the number that stands before the question and before the answer and says how long it is, the highest byte first.", ""},
		{"max", "integer?", "Bytes that the answer may have, by default 65536.", ""},
		{"timeout", "number?", "Seconds, by default and at most 5.", ""},
		{"on_error", "string?", onErrorDoc, ""},
	}, nil,
}

func (e *Env) bindSocket() lua.LGFunction {
	const function = "socket.request"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		x := upstream.Exchange{Max: 64 << 10}
		var address string
		var p patience
		length := int64(0)
		takeOptions(L, function, 1, p.options(textOption("address", &address), contentOption("send", &x.Send), boolOption("line", &x.Line), sizeOption("length", 8, &length),
			sizeOption("max", maxAnswer, &x.Max))...)
		x.Length = int(length)
		switch {
		case address == "":
			L.RaiseError("%s: there is no address; write %s{ address = \"127.0.0.1:10023\", send = \"...\" }", function, function)
		case x.Line && x.Length > 0:
			L.RaiseError("%s: there are line and length; an answer ends in one way", function)
		}
		sockets := e.current(L, function).Host.Services().Socket
		if sockets == nil {
			raiseAbsent(L, function, "it is there in the running daemon", "fake_socket")
		}
		var answer string
		if !e.ask(L, function, p, func(ctx context.Context) (err error) {
			answer, err = sockets.Exchange(ctx, address, &x)
			return err
		}) {
			return 2
		}
		return e.pushText(L, answer)
	}
}
