package protocol

import "bytes"

// MTA is the kind of mail server at the other end, as far as its macros tell.
type MTA uint8

// The kinds of MTA whose edits differ.
const (
	UnknownMTA MTA = iota
	Postfix
	Sendmail
)

// String returns the MTA's name in lower case, "" if unknown.
func (m MTA) String() string {
	switch m {
	case Postfix:
		return "postfix"
	case Sendmail:
		return "sendmail"
	}
	return ""
}

// IdentifyMTA tells from macros which MTA sent them. Both say so in the macro v: Postfix by name, Sendmail with a bare
// version number; but Sendmail does not send it by default, and either can be told not to. Other signs then are {if_name},
// which Postfix does not know; macros before header fields or body chunks, which Sendmail never sends; and a queue id
// together with {mail_mailer} already at MAIL, which Postfix sends only in a rare setting.
func IdentifyMTA(m *Macros) MTA {
	if v, ok := m.Get("v"); ok && len(v) > 0 {
		switch {
		case bytes.HasPrefix(v, []byte("Postfix")):
			return Postfix
		case bytes.HasPrefix(v, []byte("8.")):
			return Sendmail
		}
		return UnknownMTA
	}
	if m.perChunk {
		return Postfix
	}
	if _, ok := m.Get("if_name"); ok {
		return Sendmail
	}
	if _, ok := m.Get("daemon_addr"); ok {
		return UnknownMTA
	}
	_, queueID := m.in(scopeMail, "i")
	_, mailer := m.in(scopeMail, "mail_mailer")
	if queueID && mailer {
		return Sendmail
	}
	return UnknownMTA
}
