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
		{"printable", "text: string", "string", "", "Makes foreign `text` fit for one line of a reply or a reason: a blank for each line break and tab, a question mark for every character that is not printable ASCII; at most 900 bytes, percent signs counting as two.", "", "RFC 5321 section 4.2", (*Env).bindPrintable},
		{"raw", "bytes: string", "raw", "", "Marks `bytes` as a header value that shall go out as it is, neither encoded nor folded. `tostring` gives the bytes back.", "None here; the action that gets it refuses NUL, CR, and a line break that no blank follows.", "", (*Env).bindRaw},
		{"print", "...: any", "", "", "Writes its arguments `...`, separated by tabs, to the log at info; `log.info` does more.", "", manualBase, (*Env).bindPrint},
	},
}

// rawBytes is what raw(bytes) returns.
type rawBytes string

// openText makes the metatable of raw values.
func (e *Env) openText() {
	e.rawMeta = e.metatable("raw", map[string]lua.LGFunction{
		"__tostring": func(L *lua.LState) int {
			b, _ := rawOf(L.Get(1))
			L.Push(lua.LString(b))
			return 1
		},
	})
}

func rawOf(v lua.LValue) (rawBytes, bool) {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return "", false
	}
	b, ok := ud.Value.(rawBytes)
	return b, ok
}

func (e *Env) bindRaw() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(e.object(rawBytes(text(L, "raw", 1, "bytes")), e.rawMeta))
		return 1
	}
}

func (e *Env) bindPrintable() lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LString(printable(text(L, "printable", 1, "text"))))
		return 1
	}
}

// maxPrintable leaves room for a few words of the script's own in a line of a reply, which has protocol.MaxReplyLine.
const maxPrintable = 900

func printable(s string) string {
	var out strings.Builder
	for left := maxPrintable; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		b := byte('?')
		switch {
		case r == '\r' && strings.HasPrefix(s, "\r\n"):
			b, size = ' ', 2
		case r == '\n' || r == '\r' || r == '\t':
			b = ' '
		case r >= ' ' && r < 0x7f:
			b = byte(r)
		}
		if left--; b == '%' {
			left--
		}
		if left < 0 {
			break
		}
		out.WriteByte(b)
		s = s[size:]
	}
	return out.String()
}

// cutLine returns the first line, without LF or CRLF, and the rest.
func cutLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}
