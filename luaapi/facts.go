package luaapi

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// Fact is a fact of conn: its documentation, what must be negotiated for it, and how to get it.
type Fact struct {
	Property
	Needs  protocol.Stage // the stage that tells it; StageNegotiate for none
	Macros []string       // macros that tell it
	get    func(e *Env, c *Conn) lua.LValue
}

const needsNothing = protocol.StageNegotiate

var facts = [...]Fact{
	{Property{"id", "string", "This connection's id, as in the log.", ""}, needsNothing, nil,
		func(_ *Env, c *Conn) lua.LValue { return lua.LString(c.ID) }},
	{Property{"stage", "string", "The running hook.", ""}, needsNothing, nil,
		func(e *Env, _ *Conn) lua.LValue { return lua.LString(e.call.Stage.String()) }},
	{Property{"ip", "string?", "The client's IP address, without `IPv6:` or brackets; nil for a client that is not on the network.", "mfapi.h: xxfi_connect"}, protocol.StageConnect, nil,
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
	{Property{"family", "string", "`inet`, `inet6`, `unix` or `unknown`.", "mfapi.h: SMFIA_*"}, protocol.StageConnect, nil,
		func(_ *Env, c *Conn) lua.LValue { return lua.LString(c.Family.String()) }},
	{Property{"host", "string?", "The client's name as the MTA verified it, or its address in brackets.", "mfapi.h: xxfi_connect"}, protocol.StageConnect, nil,
		func(_ *Env, c *Conn) lua.LValue { return optional(c.Host) }},
	{Property{"helo", "string?", "The argument of HELO or EHLO; nil before.", "RFC 5321 section 4.1.1.1"}, protocol.StageHelo, nil,
		func(_ *Env, c *Conn) lua.LValue { return optional(c.Helo) }},
	{Property{"tls", "tls?", "A record with `version`, `cipher`, `bits`, `subject` and `issuer`, strings that may be empty; nil without TLS.", "macros {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"},
		needsNothing, []string{"tls_version", "cipher", "cipher_bits", "cert_subject", "cert_issuer"},
		func(e *Env, c *Conn) lua.LValue {
			if c.macro("tls_version") == "" {
				return lua.LNil
			}
			return e.record(&TLS{c.macro("tls_version"), c.macro("cipher"), c.macro("cipher_bits"), c.macro("cert_subject"), c.macro("cert_issuer")})
		}},
	{Property{"auth", "auth?", "A record with `user`, `type` and `author`, strings that may be empty; nil for a client that did not log in. Known from `mail` on.", "macros {auth_authen} {auth_type} {auth_author}; RFC 4954"},
		needsNothing, []string{"auth_type", "auth_authen", "auth_author"},
		func(e *Env, c *Conn) lua.LValue {
			if c.macro("auth_type") == "" && c.macro("auth_authen") == "" {
				return lua.LNil
			}
			return e.record(&Auth{c.macro("auth_authen"), c.macro("auth_type"), c.macro("auth_author")})
		}},
	{Property{"daemon", "string?", "The MTA's name of the listener that took the connection.", "macro {daemon_name}"}, needsNothing, []string{"daemon_name"},
		func(_ *Env, c *Conn) lua.LValue { return optional(c.macro("daemon_name")) }},
	{Property{"mta", "string?", "The MTA and its version as far as it tells: `postfix 3.7.11`, `sendmail 8.17.1`, `sendmail`; nil where it does not.", "macro v"}, needsNothing, []string{"v"},
		func(_ *Env, c *Conn) lua.LValue { return optional(c.mta()) }},
	{Property{"queue_id", "string?", "The message's queue id; nil until the MTA has one (Postfix: from the second recipient on, Sendmail: from `mail` on).", "macro i"}, needsNothing, []string{"i"},
		func(_ *Env, c *Conn) lua.LValue { return optional(c.QueueID()) }},
	{Property{"sender", "string?", "The envelope sender without brackets, `\"\"` for the null sender; nil outside a message.", "RFC 5321 section 4.1.1.2"}, protocol.StageMail, nil,
		func(_ *Env, c *Conn) lua.LValue {
			if !c.InMessage {
				return lua.LNil
			}
			return lua.LString(c.Sender)
		}},
	{Property{"recipients", "string[]", "The recipients so far that no script refused, without brackets, without the current one during `rcpt`. A new table each time: keep it in a local in a loop.", "RFC 5321 section 4.1.1.3"}, protocol.StageRcpt, nil,
		func(e *Env, c *Conn) lua.LValue { return e.list(c.Recipients) }},
	{Property{"rejected", "rejected?", "During `rcpt`, for a recipient that the MTA itself refused: a record with `status` and `text`; verdicts are then ignored. Only after `neg:request_rejected()`.", "mfdef.h: SMFIP_RCPT_REJ"}, protocol.StageRcpt, nil,
		func(e *Env, c *Conn) lua.LValue {
			if c.Rejected == nil {
				return lua.LNil
			}
			return e.record(c.Rejected)
		}},
	{Property{"macros", "macros", "Any macro by its name, with or without braces, nil where the MTA did not send it: `conn.macros.auth_type`, `conn.macros[\"{auth_type}\"]`; `conn.macros:all()` returns a table of all that are visible.", "mfapi.h: smfi_getsymval"}, needsNothing, nil,
		func(e *Env, _ *Conn) lua.LValue { return e.macros }},
	{Property{"connection", "table", "The connection's own data table, for what shall outlive the message.", ""}, needsNothing, nil,
		func(e *Env, _ *Conn) lua.LValue { return e.call.Layers.Connection }},
}

// Facts returns the facts of conn.
func Facts() []Fact { return facts[:] }

// factsByName is fixed when the program starts; facts are looked up for every absent key of conn.
var factsByName = func() map[string]*Fact {
	m := map[string]*Fact{}
	for i := range facts {
		m[facts[i].Name] = &facts[i]
	}
	return m
}()
