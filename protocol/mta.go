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
func (m MTA) String() string { return [...]string{"", "postfix", "sendmail"}[m] }

// IdentifyMTA tells from macros which MTA sent them. Postfix says so in the macro v by default. Sendmail has a bare version
// number there but does not send it by default; it has {if_name} at connect, which Postfix does not know, and already at MAIL
// sends the queue id together with {mail_mailer}, which Postfix without v in its list would do only in a rare setting.
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

// in looks a macro up in one scope only.
func (m *Macros) in(s macroScope, name string) ([]byte, bool) {
	for n, v := range pairs(m.raw[s]) {
		if string(bareName(n)) == name {
			return v, true
		}
	}
	return nil, false
}
