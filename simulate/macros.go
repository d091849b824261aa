package simulate

import (
	"strconv"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/protocol"
)

// defaultMacros has what Postfix sends where a filter asks for nothing else (postconf: milter_connect_macros and its kin).
var defaultMacros = [protocol.NumStages]string{
	protocol.StageConnect: "j {daemon_name} {daemon_addr} v _",
	protocol.StageHelo:    "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
	protocol.StageMail:    "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
	protocol.StageRcpt:    "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	protocol.StageData:    "i",
	protocol.StageEOH:     "i",
	protocol.StageEOM:     "i",
}

// sendmailMacros has the same for Sendmail (cf/m4/proto.m4: confMILTER_MACROS_*).
var sendmailMacros = [protocol.NumStages]string{
	protocol.StageConnect: "j _ {daemon_name} {if_name} {if_addr}",
	protocol.StageHelo:    "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
	protocol.StageMail:    "i {auth_type} {auth_authen} {auth_ssf} {auth_author} {mail_mailer} {mail_host} {mail_addr}",
	protocol.StageRcpt:    "{rcpt_mailer} {rcpt_host} {rcpt_addr}",
	protocol.StageEOM:     "{msg_id}",
}

// list returns the macros that the MTA sends at a stage where the filter asks for nothing else.
func (m *MTA) list(s protocol.Stage) string {
	if m.Kind == protocol.Sendmail {
		return sendmailMacros[s]
	}
	return defaultMacros[s]
}

// sendsMacros reports whether the MTA sends macros before an event. Both do so for commands that the filter does not want.
func (m *MTA) sendsMacros(s protocol.Stage, wanted bool) bool {
	if m.Kind == protocol.Sendmail {
		switch s {
		case protocol.StageHeader, protocol.StageBody, protocol.StageUnknown:
			return false
		}
	}
	return wanted || s <= protocol.StageData
}

// macroStage is the stage whose list serves a stage.
func macroStage(s protocol.Stage) protocol.Stage {
	switch s {
	case protocol.StageHeader:
		return protocol.StageEOH
	case protocol.StageBody:
		return protocol.StageEOM
	}
	return s
}

// overrides are macros that are not as the MTA would have them.
type overrides map[string]string

// SetMacro has a macro, with or without braces, sent with this value at all further events of a stage, whether it is asked for or not.
func (s *Session) SetMacro(stage protocol.Stage, name, value string) {
	if s.macros[stage] == nil {
		s.macros[stage] = overrides{}
	}
	s.macros[stage][protocol.MacroName(name)] = value
}

// sendMacros sends the macros of a stage.
func (s *Session) sendMacros(stage protocol.Stage) error {
	list := s.agreed.Macros.Of(macroStage(stage))
	if list == "" {
		list = s.filter.MTA.list(macroStage(stage))
	}
	pairs, own := s.pairs[:0], s.macros[stage]
	for len(list) > 0 {
		var name string
		name, list, _ = strings.Cut(list, " ")
		if _, set := own[name]; set || name == "" {
			continue
		}
		if value := s.macro(name); value != "" {
			pairs = append(pairs, name, value)
		}
	}
	for name, value := range own {
		pairs = append(pairs, name, value)
	}
	s.pairs = pairs
	return s.wire.Macros(stage, pairs...)
}

// macro returns the value of a macro now, "" where Postfix has none.
func (s *Session) macro(name string) string {
	c, mta, m := &s.client, &s.filter.MTA, &s.message
	switch name {
	case "i":
		return m.queueID
	case "j":
		return mta.Name
	case "v":
		return mta.Version
	case "_":
		return c.String()
	case "{daemon_name}":
		return mta.Daemon
	case "{daemon_addr}":
		return mta.Address
	case "{daemon_port}":
		return mta.Port
	case "{mail_addr}", "{mail_host}", "{mail_mailer}":
		return route(name, "{mail_", m.sender, m.known)
	case "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}":
		return route(name, "{rcpt_", m.recipient, m.recipient != "")
	}
	switch {
	case strings.HasPrefix(name, "{client_"):
		return c.macro(name)
	case mta.Kind == protocol.Sendmail:
		if value := s.sendmailMacro(name); value != "" {
			return value
		}
	}
	return c.security(name)
}

// sendmailMacro returns the value of a macro that only Sendmail has.
func (s *Session) sendmailMacro(name string) string {
	switch name {
	case "{if_name}":
		return s.filter.MTA.Name
	case "{if_addr}":
		return s.filter.MTA.Address
	case "{msg_id}":
		for _, f := range s.message.content.Header {
			if strings.EqualFold(f.Name, "Message-ID") {
				return strings.TrimSpace(f.Value)
			}
		}
	}
	return ""
}

// macro returns what Postfix knows of a client's address.
func (c *Client) macro(name string) string {
	switch name {
	case "{client_addr}":
		if !c.IP.IsValid() {
			return "unknown"
		}
		return c.IP.Unmap().WithZone("").String()
	case "{client_port}":
		return strconv.Itoa(int(c.Port))
	case "{client_name}", "{client_ptr}":
		if c.Host == "" {
			return "unknown"
		}
		return c.Host
	case "{client_resolve}":
		if c.Host == "" {
			return "FAIL"
		}
		return "OK"
	case "{client_connections}":
		return "1"
	}
	return ""
}

// security returns what is known of encryption and authentication.
func (c *Client) security(name string) string {
	switch name {
	case "{tls_version}":
		return c.TLS.Version
	case "{cipher}":
		return c.TLS.Cipher
	case "{cipher_bits}":
		return c.TLS.Bits
	case "{cert_subject}":
		return c.TLS.Subject
	case "{cert_issuer}":
		return c.TLS.Issuer
	case "{auth_authen}":
		return c.Auth.User
	case "{auth_type}":
		if c.Auth.User != "" && c.Auth.Type == "" {
			return "PLAIN"
		}
		return c.Auth.Type
	case "{auth_author}":
		return c.Auth.Author
	}
	return ""
}

// route returns what Postfix resolves an address to: the address, the next hop and the transport.
func route(name, prefix, mailbox string, known bool) string {
	if !known {
		return ""
	}
	switch strings.TrimPrefix(name, prefix) {
	case "addr}":
		return mailbox
	case "host}":
		return address.Domain(mailbox)
	}
	return "smtp"
}
