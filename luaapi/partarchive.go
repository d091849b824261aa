package luaapi

import (
	"context"
	"io"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/archive"
	"luamilter/luaapi/mime"
)

// archiveKind tells from the first bytes of a part's content what archive it is.
func archiveKind(p *mime.Part) archive.Kind {
	head := make([]byte, archive.HeadLength)
	n, _ := io.ReadFull(p.Reader(), head)
	return archive.Detect(head[:n])
}

func (e *Env) bindPartEntries() lua.LGFunction {
	return func(L *lua.LState) int {
		p := e.part(L, "entries").part
		limits := archive.Defaults()
		if t, ok := L.Get(2).(*lua.LTable); ok {
			setLimits(L, t, &limits)
		} else if L.Get(2) != lua.LNil {
			L.RaiseError("entries: limits is %s; a table was expected", kindOf(L.Get(2)))
		}
		content, err := e.unencoded(L, p)
		orRaise(L, "entries", err)
		ctx, cancel := context.WithDeadline(context.Background(), e.Budget.Until())
		defer cancel()
		listing := archive.List(ctx, content, content.Len(), limits)
		orRaisePlainly(L, e.Budget.Spend((listing.Unpacked+content.Len())/parseBytes))
		L.Push(e.listing(L, &listing))
		return 1
	}
}

// unencoded returns the content of a part, counted where it is in memory.
func (e *Env) unencoded(L *lua.LState, p *mime.Part) (mime.Source, error) {
	if _, ok := p.Source.(mime.Scratch); !ok {
		e.grow(L, int(p.Content.Len()))
	}
	return p.DecodedSource()
}

// setLimits reads the limits that a script gives.
func setLimits(L *lua.LState, t *lua.LTable, limits *archive.Limits) {
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		n, ok := v.(lua.LNumber)
		if !ok || n < 0 || n > 1<<40 {
			L.RaiseError("entries: %s is %s; a number that is not negative was expected", shortKey(k), shown(L, v))
		}
		switch name, _ := k.(lua.LString); name {
		case "depth":
			limits.Depth = int(n)
		case "max":
			limits.Entries = int(n)
		case "bytes":
			limits.Bytes = int64(n)
		case "ratio":
			limits.Ratio = int(n)
		case "time":
			limits.Time = time.Duration(float64(n) * float64(time.Second))
		default:
			L.RaiseError("entries: %s is not known; there are depth, max, bytes, ratio, time", shortKey(k))
		}
	}
}

// entrySize is roughly what a table for an entry takes in bytes, beside its names.
const entrySize = 1500

// listing makes a listing a table.
func (e *Env) listing(L *lua.LState, l *archive.Listing) *lua.LTable {
	t := L.CreateTable(len(l.Entries), 4)
	for i := range l.Entries {
		t.RawSetInt(i+1, e.entry(L, &l.Entries[i]))
	}
	t.RawSetString("kind", lua.LString(l.Kind))
	t.RawSetString("encrypted", lua.LBool(l.Encrypted))
	t.RawSetString("truncated", lua.LBool(l.Truncated))
	t.RawSetString("problems", e.list(l.Problems))
	return t
}

func (e *Env) entry(L *lua.LState, one *archive.Entry) *lua.LTable {
	e.grow(L, entrySize+len(one.Path)+len(one.Name))
	t := L.CreateTable(0, 10)
	t.RawSetString("path", lua.LString(one.Path))
	t.RawSetString("name", lua.LString(one.Name))
	t.RawSetString("size", lua.LNumber(one.Size))
	t.RawSetString("packed", lua.LNumber(one.Packed))
	t.RawSetString("encrypted", lua.LBool(one.Encrypted))
	t.RawSetString("dir", lua.LBool(one.Dir))
	t.RawSetString("link", lua.LString(one.Link))
	t.RawSetString("depth", lua.LNumber(one.Depth))
	t.RawSetString("kind", lua.LString(one.Kind))
	t.RawSetString("problems", e.list(one.Problems))
	return t
}
