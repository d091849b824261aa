package luaapi

import (
	"bytes"

	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"

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

// TLS is conn.tls.
type TLS struct{ Version, Cipher, Bits, Subject, Issuer string }

// Auth is conn.auth.
type Auth struct{ User, Type, Author string }

// Rejected is conn.rejected.
type Rejected struct{ Status, Text string }

// Fact is a fact of conn: its documentation, what must be negotiated for it, and how to get it.
type Fact struct {
	Property
	Needs  protocol.Stage // the stage that tells it; StageNegotiate for none
	Macros []string       // macros that tell it
	get    func(e *Env, c *Conn) lua.LValue
}

const needsNothing = protocol.StageNegotiate

// Facts returns the facts of conn.
func Facts() []Fact { return facts[:] }

var facts = [...]Fact{
	{Property{"id", "string", "This connection's id, as in the log.", ""}, needsNothing, nil,
		func(_ *Env, c *Conn) lua.LValue { return lua.LString(c.ID) }},
	{Property{"stage", "string", "The running hook.", ""}, needsNothing, nil,
		func(e *Env, _ *Conn) lua.LValue { return lua.LString(e.call.Stage.String()) }},
	{Property{"ip", "string?", "The client's IP address, without \"IPv6:\" or brackets; nil for a client that is not on the network.", "mfapi.h: xxfi_connect"}, protocol.StageConnect, nil,
		func(_ *Env, c *Conn) lua.LValue {
			if c.Family == protocol.FamilyInet || c.Family == protocol.FamilyInet6 {
				return optional(c.IP)
			}
			return lua.LNil
		}},
	{Property{"port", "integer?", "The client's port; nil where unknown.", "mfapi.h: xxfi_connect"}, protocol.StageConnect, nil,
		func(_ *Env, c *Conn) lua.LValue {
			if c.Port == 0 {
				return lua.LNil
			}
			return lua.LNumber(c.Port)
		}},
	{Property{"family", "string", "inet, inet6, unix or unknown.", "mfapi.h: SMFIA_*"}, protocol.StageConnect, nil,
		func(_ *Env, c *Conn) lua.LValue { return lua.LString(c.Family.String()) }},
	{Property{"host", "string?", "The client's name as the MTA verified it, or its address in brackets.", "mfapi.h: xxfi_connect"}, protocol.StageConnect, nil,
		func(_ *Env, c *Conn) lua.LValue { return optional(c.Host) }},
	{Property{"helo", "string?", "The argument of HELO or EHLO; nil before.", "RFC 5321 section 4.1.1.1"}, protocol.StageHelo, nil,
		func(_ *Env, c *Conn) lua.LValue { return optional(c.Helo) }},
	{Property{"tls", "tls?", "A record with version, cipher, bits, subject and issuer, strings that may be empty; nil without TLS.", "macros {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"},
		needsNothing, []string{"tls_version", "cipher", "cipher_bits", "cert_subject", "cert_issuer"},
		func(e *Env, c *Conn) lua.LValue {
			if c.macro("tls_version") == "" {
				return lua.LNil
			}
			return luar.New(e.L, &TLS{c.macro("tls_version"), c.macro("cipher"), c.macro("cipher_bits"), c.macro("cert_subject"), c.macro("cert_issuer")})
		}},
	{Property{"auth", "auth?", "A record with user, type and author, strings that may be empty; nil for a client that did not log in. Known from mail on.", "macros {auth_authen} {auth_type} {auth_author}; RFC 4954"},
		needsNothing, []string{"auth_type", "auth_authen", "auth_author"},
		func(e *Env, c *Conn) lua.LValue {
			if c.macro("auth_type") == "" && c.macro("auth_authen") == "" {
				return lua.LNil
			}
			return luar.New(e.L, &Auth{c.macro("auth_authen"), c.macro("auth_type"), c.macro("auth_author")})
		}},
	{Property{"daemon", "string?", "The MTA's name of the listener that took the connection.", "macro {daemon_name}"}, needsNothing, []string{"daemon_name"},
		func(_ *Env, c *Conn) lua.LValue { return optional(c.macro("daemon_name")) }},
	{Property{"mta", "string?", "The MTA and its version as far as it tells: \"postfix 3.7.11\", \"sendmail 8.17.1\", \"sendmail\"; nil where it does not.", "macro v"}, needsNothing, []string{"v"},
		func(_ *Env, c *Conn) lua.LValue { return optional(c.mta()) }},
	{Property{"queue_id", "string?", "The message's queue id; nil until the MTA has one (Postfix: from the second recipient on, Sendmail: from mail on).", "macro i"}, needsNothing, []string{"i"},
		func(_ *Env, c *Conn) lua.LValue { return optional(c.QueueID()) }},
	{Property{"sender", "string?", "The envelope sender without brackets, \"\" for the null sender; nil outside a message.", "RFC 5321 section 4.1.1.2"}, protocol.StageMail, nil,
		func(_ *Env, c *Conn) lua.LValue {
			if !c.InMessage {
				return lua.LNil
			}
			return lua.LString(c.Sender)
		}},
	{Property{"recipients", "string[]", "The recipients so far that no script refused, without brackets, without the current one during rcpt.", "RFC 5321 section 4.1.1.3"}, protocol.StageRcpt, nil,
		func(e *Env, c *Conn) lua.LValue { return e.list(c.Recipients) }},
	{Property{"rejected", "rejected?", "During rcpt, for a recipient that the MTA itself refused: a record with status and text; verdicts are then ignored. Only after neg:request_rejected().", "mfdef.h: SMFIP_RCPT_REJ"}, protocol.StageRcpt, nil,
		func(e *Env, c *Conn) lua.LValue {
			if c.Rejected == nil {
				return lua.LNil
			}
			return luar.New(e.L, c.Rejected)
		}},
	{Property{"macros", "macros", "Any macro by its name, with or without braces: conn.macros.auth_type, conn.macros[\"{auth_type}\"]; conn.macros:all() returns a table of all that are visible.", "mfapi.h: smfi_getsymval"}, needsNothing, nil,
		func(e *Env, _ *Conn) lua.LValue { return e.macros }},
	{Property{"connection", "table", "The connection's own data table, for what shall outlive the message.", ""}, needsNothing, nil,
		func(e *Env, _ *Conn) lua.LValue { return e.call.Layers.Connection }},
}

var connModule = Module{
	"conn", Object,
	"The data table of the connection, the first argument of every hook. Scripts keep what they like in it: what connect and helo put there lives as long as the connection, what mail and " +
		"later hooks put there lives as long as the message. Behind the script's own keys it answers with these facts.",
	factProperties(), nil,
}

func factProperties() []Property {
	var out []Property
	for _, f := range facts {
		out = append(out, f.Property)
	}
	return out
}

// factsByName is fixed when the program starts; facts are looked up for every absent key of conn.
var factsByName = func() map[string]*Fact {
	m := map[string]*Fact{}
	for i := range facts {
		m[facts[i].Name] = &facts[i]
	}
	return m
}()

func optional(s string) lua.LValue {
	if s == "" {
		return lua.LNil
	}
	return lua.LString(s)
}

func (e *Env) list(items []string) *lua.LTable {
	t := e.L.CreateTable(len(items), 0)
	for i, s := range items {
		t.RawSetInt(i+1, lua.LString(s))
	}
	return t
}

func (c *Conn) macro(name string) string {
	v, _ := c.Macros.Get(name)
	return string(v)
}

// QueueID returns the message's queue id, "" where the MTA has none yet.
func (c *Conn) QueueID() string { return c.macro("i") }

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

func (e *Env) openConn() {
	e.connMeta = e.metatable("conn", map[string]lua.LGFunction{"__index": e.connIndex})
	e.macrosMeta = e.metatable("macros", map[string]lua.LGFunction{"__index": e.macroIndex})
	e.macros = e.object(nil, e.macrosMeta)
}

// NewLayer returns an empty data table that answers with facts.
func (e *Env) NewLayer() *lua.LTable {
	t := e.L.CreateTable(0, 4)
	t.Metatable = e.connMeta
	return t
}

// Layer makes a data table that was copied from another VM answer with facts.
func (e *Env) Layer(t *lua.LTable) *lua.LTable {
	t.Metatable = e.connMeta
	return t
}

// connIndex answers for a key that a data table does not have: the connection's layer below a message, then facts.
func (e *Env) connIndex(L *lua.LState) int {
	t, key := L.Get(1), L.Get(2)
	c := e.current("conn")
	if message := c.Layers.Message; message != nil && t == lua.LValue(message) {
		if v := c.Layers.Connection.RawGet(key); v != lua.LNil {
			L.Push(v)
			return 1
		}
	} else if t != lua.LValue(c.Layers.Connection) {
		L.RaiseError("conn of an earlier message or another connection was kept and used in %s; use the conn that the hook is given", c.Stage)
	}
	L.Push(e.fact(key))
	return 1
}

func (e *Env) fact(key lua.LValue) lua.LValue {
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
		e.L.RaiseError("conn.%s was not asked for from the MTA, because the script nowhere says conn.%s; write it that way once", name, name)
	}
	return f.get(e, conn)
}

// macroIndex is conn.macros.name.
func (e *Env) macroIndex(L *lua.LState) int {
	name := L.CheckString(2)
	if name == "all" {
		L.Push(L.NewFunction(e.allMacros))
		return 1
	}
	if v, ok := e.current("conn.macros").Conn.Macros.Get(name); ok {
		L.Push(lua.LString(v))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// allMacros is conn.macros:all().
func (e *Env) allMacros(L *lua.LState) int {
	t := L.NewTable()
	for name, value := range e.current("conn.macros").Conn.Macros.All() {
		t.RawSetString(name, lua.LString(value))
	}
	L.Push(t)
	return 1
}
