package luaapi

import (
	"encoding/hex"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/base64"
)

const noText = "`text` is neither a string nor nil."

var base64Module = Module{
	"base64", Require,
	"Base64, both ways. Text that is not base64 never raises an error.",
	nil,
	[]Func{
		{"encode", "text: string, options: table?", "string", "", "Writes `text` in base64, without line breaks. With `{url = true}` as `options` in the alphabet for URLs and file names, without padding.", "`options` has another key; the result is longer than a string may be.", "RFC 4648", (*Env).bindBase64Encode},
		{"decode", "text: string?, options: table?", "string?, string?", "", "What the base64 in `text` says, in either alphabet, with or without padding. Nil, and why, if it is not base64. With `{lenient = true}` as `options` whatever there is of base64 in it: what is in neither alphabet, line breaks too, is left out, and what follows padding is read.",
			noText + " `options` has another key.", "RFC 4648", (*Env).bindBase64Decode},
	},
}

var hexModule = Module{
	"hex", Require,
	"Bytes as hexadecimal digits, both ways.",
	nil,
	[]Func{
		{"encode", "text: string", "string", "", "Writes the bytes of `text` with two digits each, in small letters.", "The result is longer than a string may be.", "", (*Env).bindHexEncode},
		{"decode", "text: string?", "string?, string?", "", "The bytes that the digits in `text` stand for. Nil, and why, if there is something else in it or their number is odd.", noText, "", (*Env).bindHexDecode},
	},
}

func (e *Env) bindBase64Encode() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "base64.encode"
		e.dotted(L, function)
		s := content(L, function, 1)
		var url bool
		takeOptions(L, function, 2, boolOption("url", &url))
		e.grow(L, base64.EncodedLen(len(s)))
		if url {
			L.Push(lua.LString(base64.EncodeURL(s)))
		} else {
			L.Push(lua.LString(base64.Encode(s)))
		}
		return 1
	}
}

func (e *Env) bindBase64Decode() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "base64.decode"
		s, given := e.foreign(L, function, 1, "the text")
		var lenient bool
		takeOptions(L, function, 2, boolOption("lenient", &lenient))
		if !given {
			return pushWhy(L, "there is no base64: the text is nil")
		}
		e.grow(L, len(s)/4*3)
		if lenient {
			L.Push(lua.LString(base64.DecodeLenient(s)))
			return 1
		}
		out, err := base64.Decode(s)
		return pushOr(L, out, err)
	}
}

func (e *Env) bindHexEncode() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "hex.encode"
		e.dotted(L, function)
		s := content(L, function, 1)
		e.grow(L, 2*len(s))
		L.Push(lua.LString(hex.EncodeToString([]byte(s))))
		return 1
	}
}

func (e *Env) bindHexDecode() lua.LGFunction {
	return func(L *lua.LState) int {
		s, given := e.foreign(L, "hex.decode", 1, "the text")
		if !given {
			return pushWhy(L, "there are no digits: the text is nil")
		}
		e.grow(L, len(s)/2)
		out, err := hex.DecodeString(s)
		if wrong, ok := err.(hex.InvalidByteError); ok {
			err = fmt.Errorf("%q is no hexadecimal digit", rune(wrong))
		}
		if err == hex.ErrLength {
			err = fmt.Errorf("%d digits are an odd number; a byte has two", len(s))
		}
		return pushOr(L, string(out), err)
	}
}
