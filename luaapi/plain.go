package luaapi

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"

	"luamilter/protocol"
)

// Plain is a copy of data tables outside any VM. Strings, numbers, booleans, verdicts, raw values and records are plain, and
// tables of them, however nested; functions, coroutines and tables with a metatable are not.
type Plain struct {
	tables []plainTable // Plain values refer to tables by index, so cycles and shared tables survive
	roots  []lua.LValue // nil or tableRef
}

type plainTable struct{ keys, values []lua.LValue }

// ErrNotPlain is wrapped by the error of Copy for data that cannot leave its VM.
var ErrNotPlain = errors.New("cannot leave its VM")

// maxPlainTables bounds how many tables one connection may keep.
const maxPlainTables = 1 << 20

// Copy copies data tables, some of which may be nil, out of the VM.
func (e *Env) Copy(roots ...*lua.LTable) (*Plain, error) {
	c := copier{env: e, seen: map[*lua.LTable]tableRef{}, out: &Plain{}}
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
	if err := c.drain(); err != nil {
		return nil, err
	}
	return c.out, nil
}

// tableRef stands for a table in a Plain.
type tableRef int

// Its methods make a tableRef fit where Lua values stand.
func (tableRef) String() string       { return "table" }
func (tableRef) Type() lua.LValueType { return lua.LTTable }

type copier struct {
	env   *Env
	seen  map[*lua.LTable]tableRef
	queue []*lua.LTable
	out   *Plain
}

func (c *copier) table(t *lua.LTable) (lua.LValue, error) {
	if ref, ok := c.seen[t]; ok {
		return ref, nil
	}
	if t.Metatable != lua.LNil && t.Metatable != lua.LValue(c.env.connMeta) {
		return nil, fmt.Errorf("a table with a metatable %w", ErrNotPlain)
	}
	if len(c.seen) == maxPlainTables {
		return nil, fmt.Errorf("more than %d tables: the data %w", maxPlainTables, ErrNotPlain)
	}
	ref := tableRef(len(c.seen))
	c.seen[t] = ref
	c.queue = append(c.queue, t)
	return ref, nil
}

// drain copies the tables that were found, in the order of their references; a queue instead of recursion bears any depth.
func (c *copier) drain() error {
	for i := 0; i < len(c.queue); i++ {
		var p plainTable
		var failed error
		c.queue[i].ForEach(func(k, v lua.LValue) {
			if failed != nil {
				return
			}
			var key, value lua.LValue
			if key, failed = c.value(k); failed == nil {
				value, failed = c.value(v)
			}
			p.keys, p.values = append(p.keys, key), append(p.values, value)
		})
		if failed != nil {
			return failed
		}
		c.out.tables = append(c.out.tables, p)
	}
	return nil
}

func (c *copier) value(v lua.LValue) (lua.LValue, error) {
	switch v := v.(type) {
	case lua.LString, lua.LNumber, lua.LBool:
		return v, nil
	case *lua.LTable:
		return c.table(v)
	case *lua.LUserData:
		switch v.Value.(type) {
		case *protocol.Reply, rawBytes, *TLS, *Auth, *Rejected:
			return v, nil
		}
		return nil, fmt.Errorf("a %s %w", userdataName(v), ErrNotPlain)
	}
	return nil, fmt.Errorf("a %s %w", v.Type(), ErrNotPlain)
}

func userdataName(v *lua.LUserData) string {
	if mt, ok := v.Metatable.(*lua.LTable); ok {
		if name, ok := mt.RawGetString("__metatable").(lua.LString); ok {
			return string(name)
		}
	}
	return "userdata"
}

// Paste makes the tables anew in this VM; nil stays nil.
func (e *Env) Paste(p *Plain) []*lua.LTable {
	tables := make([]*lua.LTable, len(p.tables))
	for i, t := range p.tables {
		tables[i] = e.L.CreateTable(0, len(t.keys))
	}
	back := func(v lua.LValue) lua.LValue {
		switch v := v.(type) {
		case tableRef:
			return tables[v]
		case *lua.LUserData:
			switch value := v.Value.(type) {
			case *protocol.Reply:
				return e.object(value, e.verdictMeta)
			case rawBytes:
				return e.object(value, e.rawMeta)
			case *TLS, *Auth, *Rejected:
				return luar.New(e.L, value)
			}
		}
		return v
	}
	for i, t := range p.tables {
		for j := range t.keys {
			tables[i].RawSet(back(t.keys[j]), back(t.values[j]))
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

// Without returns the copy without one of its roots, nil if nothing is left.
func (p *Plain) Without(root int) *Plain {
	q := &Plain{tables: p.tables, roots: append([]lua.LValue(nil), p.roots...)}
	q.roots[root] = nil
	for _, r := range q.roots {
		if r != nil {
			return q
		}
	}
	return nil
}
