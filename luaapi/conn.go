package luaapi

import (
	"bytes"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// Conn is what is known about an SMTP connection and its current message: the facts that conn answers with.
type Conn struct {
	ID     string
	Host   string
	Family protocol.Family
	IP     string // also the path of a unix socket client
	Port   uint16 // 0 where unknown
	Helo   string
	Macros *protocol.Macros
	Known  protocol.Stages // stages whose events this connection gets

	InMessage  bool
	Sender     string
	Recipients []string  // those no script refused
	Rejected   *Rejected // during rcpt, for a recipient the MTA refused
}

func (c *Conn) macro(name string) string {
	v, _ := c.Macros.Get(name)
	return string(v)
}

// QueueID returns the message's queue id, "" where the MTA has none yet.
func (c *Conn) QueueID() string { return c.macro("i") }

// mta names the MTA and its version as far as its macros tell.
func (c *Conn) mta() string {
	kind := protocol.IdentifyMTA(c.Macros).String()
	v, ok := c.Macros.Get("v")
	if !ok {
		return kind
	}
	if rest, found := bytes.CutPrefix(v, []byte("Postfix ")); found {
		v = rest
	}
	if kind == "" {
		return string(v)
	}
	return kind + " " + string(v)
}

var connModule = Module{
	"conn", Object,
	"The data table of the connection, the first argument of every hook but `negotiate`. Scripts keep what they like in it. What `connect` and `helo` put there lives as long as the connection; " +
		"what `mail` and later hooks put there lives as long as the message, and reads fall through to what the connection has. No code is needed to clean up. Behind the script's own keys it answers with these " +
		"facts; a key of the script's own wins over a fact of the same name. `pairs(conn)` shows the script's own keys of the message, or outside a message of the connection.",
	factProperties(), nil,
}

func factProperties() []Property {
	var out []Property
	for _, f := range facts {
		out = append(out, f.Property)
	}
	return out
}

// openConn makes the metatables of data tables and of conn.macros.
func (e *Env) openConn() {
	e.connMeta = e.metatable("conn", map[string]lua.LGFunction{"__index": e.connIndex})
	e.macrosMeta = e.metatable("macros", map[string]lua.LGFunction{
		"__index":    e.macroIndex,
		"__newindex": readOnly("conn.macros", "keep data of your own in conn"),
	})
	e.macros = e.object(nil, e.macrosMeta)
}

// NewLayer returns an empty data table that answers with facts.
func (e *Env) NewLayer() *lua.LTable { return e.Layer(e.L.CreateTable(0, 4)) }

// Layer makes a table a data table that answers with facts; nil stays nil.
func (e *Env) Layer(t *lua.LTable) *lua.LTable {
	if t == nil {
		return nil
	}
	t.Metatable = e.connMeta
	return t
}

// connIndex answers for a key that a data table does not have: the connection's layer below a message, then facts.
func (e *Env) connIndex(L *lua.LState) int {
	t, key := L.Get(1), L.Get(2)
	c := e.current(L, "conn")
	if message := c.Layers.Message; message != nil && t == lua.LValue(message) {
		if v := c.Layers.Connection.RawGet(key); v != lua.LNil {
			L.Push(v)
			return 1
		}
	} else if t != lua.LValue(c.Layers.Connection) {
		L.RaiseError("conn of an earlier message or another connection was kept and used in %s; use the conn that the hook is given", c.Hook())
	}
	L.Push(e.fact(L, key))
	return 1
}

// fact returns the fact of that name, nil if there is none.
func (e *Env) fact(L *lua.LState, key lua.LValue) lua.LValue {
	name, ok := key.(lua.LString)
	if !ok {
		return lua.LNil
	}
	f := factsByName[string(name)]
	if f == nil {
		return lua.LNil
	}
	conn := e.call.Conn
	if f.Needs != needsNothing && !conn.Known.Has(f.Needs) {
		L.RaiseError("conn.%s was not asked for from the MTA, because the script nowhere says conn.%s; write it that way once", name, name)
	}
	return f.get(e, conn)
}

// macroIndex is conn.macros.name.
func (e *Env) macroIndex(L *lua.LState) int {
	c := e.current(L, "conn.macros")
	name := text(L, "conn.macros[name]", 2, "the name")
	if name == "all" {
		L.Push(L.NewFunction(e.allMacros))
		return 1
	}
	if v, ok := c.Conn.Macros.Get(name); ok {
		L.Push(lua.LString(v))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// allMacros is conn.macros:all().
func (e *Env) allMacros(L *lua.LState) int {
	t := L.CreateTable(0, 16)
	for name, value := range e.current(L, "conn.macros:all").Conn.Macros.All() {
		t.RawSetString(name, lua.LString(value))
	}
	L.Push(t)
	return 1
}

func optional(s string) lua.LValue {
	if s == "" {
		return lua.LNil
	}
	return lua.LString(s)
}

// list returns strings as an array.
func (e *Env) list(items []string) *lua.LTable {
	t := e.L.CreateTable(len(items), 0)
	for i, s := range items {
		t.RawSetInt(i+1, lua.LString(s))
	}
	return t
}
