package luaapi

import (
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

var textModule = Module{
	"text", Globals,
	"Functions for text on its way into replies, header fields and the log.",
	nil,
	[]Func{
		{"printable", "text: string", "string", "", "Makes foreign text fit for a reply: blanks for line breaks and tabs, a question mark for every character that is not printable ASCII, at most 900 bytes.", "RFC 5321 section 4.2", (*Env).bindPrintable},
		{"raw", "bytes: string", "raw", "", "Marks a header value that shall go out as it is, neither encoded nor folded. NUL, CR and line breaks without a blank stay errors.", "", (*Env).bindRaw},
		{"print", "...: any", "", "", "Writes its arguments, separated by tabs, to the log at info; log.info does more.", "", (*Env).bindPrint},
	},
}

// rawBytes is what raw(bytes) returns.
type rawBytes string

func (e *Env) openText() {
	e.rawMeta = e.metatable("raw", map[string]lua.LGFunction{
		"__tostring": func(L *lua.LState) int {
			b, _ := L.CheckUserData(1).Value.(rawBytes)
			L.Push(lua.LString(b))
			return 1
		},
	})
}

func (e *Env) bindRaw() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(e.object(rawBytes(L.CheckString(1)), e.rawMeta))
		return 1
	}
}

func (e *Env) bindPrintable() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LString(printable(L.CheckString(1))))
		return 1
	}
}

const maxPrintable = 900

func printable(s string) string {
	var out strings.Builder
	for s != "" && out.Len() < maxPrintable {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == '\r' && strings.HasPrefix(s, "\r\n"):
			size = 2
			out.WriteByte(' ')
		case r == '\n' || r == '\r' || r == '\t':
			out.WriteByte(' ')
		case r < ' ' || r >= 0x7f:
			out.WriteByte('?')
		default:
			out.WriteByte(byte(r))
		}
		s = s[size:]
	}
	return out.String()
}

// cutLine returns the first line, without LF or CRLF, and the rest.
func cutLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}
