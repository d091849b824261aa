package luaapi

import (
	"bufio"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mime"
)

// filedBody is the value behind msg.body where the body is in a file. Its length, byte, sub, lines and the search for plain text read what they
// need; everything else reads it whole into memory, if it may.
type filedBody struct {
	env *Env
	src mime.Source
}

// whole returns all of it.
func (b *filedBody) whole(L *lua.LState) string {
	b.env.grow(L, int(b.src.Len()))
	return mime.Range{End: b.src.Len()}.Of(b.src)
}

// call calls a method of strings: on an excerpt where that does.
func (b *filedBody) call(L *lua.LState, name string, fn lua.LGFunction) int {
	switch name {
	case "len":
		L.Push(lua.LNumber(b.src.Len()))
		return 1
	case "byte":
		i := optInt(L, name, 2, 1)
		return b.onExcerpt(L, fn, i, optInt(L, name, 3, i))
	case "sub":
		return b.onExcerpt(L, fn, checkInt(L, name, 2), optInt(L, name, 3, -1))
	case "find":
		text := checkString(L, name, 2)
		if text != "" && (lua.LVAsBool(L.Get(4)) || isText(text)) {
			return b.find(L, text)
		}
	}
	L.Replace(1, lua.LString(b.whole(L)))
	return fn(L)
}

// onExcerpt calls byte or sub with what lies between two places, which count as in these.
func (b *filedBody) onExcerpt(L *lua.LState, fn lua.LGFunction, i, j int) int {
	size := int(b.src.Len())
	i, j = max(place(i, size), 1), min(place(j, size), size)
	excerpt := ""
	if i <= j {
		b.env.grow(L, j-i+1)
		excerpt = mime.Range{Start: int64(i - 1), End: int64(j)}.Of(b.src)
	}
	L.SetTop(0)
	L.Push(lua.LString(excerpt))
	L.Push(lua.LNumber(1))
	L.Push(lua.LNumber(-1))
	return fn(L)
}

// find is string.find for plain text.
func (b *filedBody) find(L *lua.LState, text string) int {
	size := b.src.Len()
	from := int64(optInt(L, "find", 3, 1))
	if from < 0 {
		from += size + 1
	}
	from = min(max(from-1, 0), size)
	orRaisePlainly(L, b.env.Budget.Spend((size-from)/parseBytes))
	at := mime.Index(b.src, text, from)
	if at < 0 {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(at + 1))
	L.Push(lua.LNumber(at + int64(len(text))))
	return 2
}

// lines returns an iterator over the lines.
func (b *filedBody) lines() lua.LGFunction {
	in := bufio.NewReader(io.NewSectionReader(b.src, 0, b.src.Len()))
	return func(L *lua.LState) int {
		var long strings.Builder
		for {
			piece, err := in.ReadSlice('\n')
			b.env.grow(L, long.Len()+len(piece))
			long.Write(piece)
			if err != bufio.ErrBufferFull {
				break
			}
		}
		if long.Len() == 0 {
			L.Push(lua.LNil)
			return 1
		}
		line, _ := cutLine(long.String())
		L.Push(lua.LString(line))
		return 1
	}
}
