package luaapi

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/budget"
	"luamilter/protocol"
)

// Plain is a copy of data tables outside any VM. Strings, numbers, booleans, verdicts, raw values, json.null, records and header fields
// are plain, and tables of them, however nested; functions, coroutines and tables with a metatable of the script's are not.
type Plain struct {
	tables []plainTable
	roots  []any // nil or tableRef
	size   int64
}

// Size returns roughly how many bytes the copy takes.
func (p *Plain) Size() int64 { return p.size }

// What a table and one of its items take, in bytes.
const (
	plainTableSize = 64
	plainItemSize  = 48
)

// plainTable is a table as its keys and values in order: lua.LString, lua.LNumber, lua.LBool, a tableRef, or a Go value behind an
// object. Nothing in it refers to the VM it came from.
type plainTable struct {
	items []plainItem
	array int  // how many of the keys are those of an array
	layer bool // it answers with facts
	list  bool // it is marked by json.array
}

type plainItem struct{ key, value any }

// tableRef stands for a table in a Plain, so that cycles and shared tables survive.
type tableRef int

// ErrNotPlain is wrapped by the error of Copy for data that cannot leave its VM.
var ErrNotPlain = errors.New("cannot leave its VM")

// Copy copies data tables, some of which may be nil, out of the VM. It gives up when the copy would take more than most bytes, before
// it does.
func (e *Env) Copy(most int64, roots ...*lua.LTable) (*Plain, error) {
	c := copier{env: e, most: most, seen: map[*lua.LTable]tableRef{}, out: &Plain{}}
	for _, t := range roots {
		if t == nil {
			c.out.roots = append(c.out.roots, nil)
			continue
		}
		ref, err := c.table(t)
		if err != nil {
			return nil, err
		}
		c.out.roots = append(c.out.roots, ref)
	}
	// A queue instead of recursion bears any depth.
	for i := 0; i < len(c.queue); i++ {
		if err := c.items(c.queue[i]); err != nil {
			return nil, err
		}
	}
	return c.out, nil
}

type copier struct {
	env   *Env
	most  int64 // bytes
	seen  map[*lua.LTable]tableRef
	queue []*lua.LTable // those seen, in the order of their references
	out   *Plain
}

// table returns the reference of a table, which is copied in its turn.
func (c *copier) table(t *lua.LTable) (any, error) {
	if ref, ok := c.seen[t]; ok {
		return ref, nil
	}
	if t.Metatable != lua.LNil && t.Metatable != lua.LValue(c.env.connMeta) && !c.env.isArray(t) {
		return nil, fmt.Errorf("a table with a metatable %w", ErrNotPlain)
	}
	ref := tableRef(len(c.seen))
	c.seen[t] = ref
	c.queue = append(c.queue, t)
	return ref, nil
}

// items copies what is in a table, in the order of pairs.
func (c *copier) items(t *lua.LTable) error {
	if err := c.grow(plainTableSize); err != nil {
		return err
	}
	out := plainTable{layer: t.Metatable == lua.LValue(c.env.connMeta), list: c.env.isArray(t)}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if err := c.grow(plainItemSize + textSize(k) + textSize(v)); err != nil {
			return err
		}
		key, err := c.value(k)
		if err != nil {
			return fmt.Errorf("as a key, %w", err)
		}
		value, err := c.value(v)
		if err != nil {
			return fmt.Errorf("%s: %w", shortKey(k), err)
		}
		if n, ok := k.(lua.LNumber); ok && int(n) == len(out.items)+1 && lua.LNumber(int(n)) == n {
			out.array++
		}
		out.items = append(out.items, plainItem{key, value})
	}
	c.out.tables = append(c.out.tables, out)
	return nil
}

// grow makes the copy larger, if it may be.
func (c *copier) grow(bytes int64) error {
	if c.out.size += bytes; c.out.size > c.most {
		return fmt.Errorf("conn holds more than the %s bytes that one connection can keep", budget.Thousands(c.most))
	}
	return nil
}

// textSize returns the length of a string or header field, and 0 for anything else.
func textSize(v lua.LValue) int64 {
	switch v := v.(type) {
	case lua.LString:
		return int64(len(v))
	case *lua.LUserData:
		if f, ok := v.Value.(*headerField); ok {
			return int64(len(f.seen.Name) + len(f.seen.Value) + len(f.seen.Tail))
		}
	}
	return 0
}

// shortKey names a key for an error.
func shortKey(k lua.LValue) string {
	switch k := k.(type) {
	case lua.LString:
		return cut(string(k), 40)
	case lua.LNumber:
		return fullNumber(k)
	}
	return kindOf(k)
}

func (c *copier) value(v lua.LValue) (any, error) {
	switch v := v.(type) {
	case lua.LString, lua.LNumber, lua.LBool:
		return v, nil
	case *lua.LTable:
		return c.table(v)
	case *lua.LUserData:
		switch value := v.Value.(type) {
		case *protocol.Reply, rawBytes, *TLS, *Auth, *Rejected, jsonNull:
			return value, nil
		case *headerField:
			return keptField(value.seen), nil
		}
	}
	return nil, fmt.Errorf("%s %w", kindOf(v), ErrNotPlain)
}

// Paste makes the tables anew in this VM; nil stays nil.
func (e *Env) Paste(p *Plain) []*lua.LTable {
	tables := make([]*lua.LTable, len(p.tables))
	for i, t := range p.tables {
		tables[i] = e.L.CreateTable(t.array, len(t.items)-t.array)
		if t.layer {
			e.Layer(tables[i])
		}
		if t.list {
			e.openJSON()
			tables[i].Metatable = e.arrayMeta
		}
	}
	for i, t := range p.tables {
		for _, item := range t.items {
			tables[i].RawSet(e.pasted(item.key, tables), e.pasted(item.value, tables))
		}
	}
	out := make([]*lua.LTable, len(p.roots))
	for i, r := range p.roots {
		if ref, ok := r.(tableRef); ok {
			out[i] = tables[ref]
		}
	}
	return out
}

// pasted makes one copied value a value of this VM.
func (e *Env) pasted(v any, tables []*lua.LTable) lua.LValue {
	switch v := v.(type) {
	case tableRef:
		return tables[v]
	case *protocol.Reply:
		if v.Code == 0 {
			return e.verdicts[v.Verdict] // so that it still equals the global
		}
		return e.object(v, e.verdictMeta)
	case rawBytes:
		return e.object(v, e.rawMeta)
	case jsonNull:
		e.openJSON()
		return e.jsonNull
	case keptField:
		return e.fieldValue(&headerField{seen: protocol.Field(v)})
	case lua.LValue:
		return v
	}
	return e.record(v)
}

// Without returns the copy without one of its roots, nil if nothing is left.
func (p *Plain) Without(root int) *Plain {
	q := &Plain{tables: p.tables, roots: append([]any(nil), p.roots...), size: p.size}
	q.roots[root] = nil
	for _, r := range q.roots {
		if r != nil {
			return q
		}
	}
	return nil
}
