package mail

import (
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// parsed is the message taken apart, with what it was made of.
type parsed struct {
	message *mime.Message
	body    string
	fields  string // those that say how to read it
}

// Parts returns the edited message taken apart. It is taken apart anew only when something has changed that matters for that.
func (m *Message) Parts() *mime.Message {
	fields, key := m.mimeFields()
	body := m.Body()
	if p := m.parsed; p != nil && p.fields == key && p.body == body {
		return p.message
	}
	m.parsed = &parsed{mime.Parse(fields, mime.Text(body)), body, key}
	return m.parsed.message
}

// Parsed reports whether Parts has it already.
func (m *Message) Parsed() bool {
	_, key := m.mimeFields()
	return m.parsed != nil && m.parsed.fields == key && m.parsed.body == m.Body()
}

// mimeFields returns the header fields, and the text of those that begin with Content- or MIME-.
func (m *Message) mimeFields() (fields []protocol.Field, key string) {
	var text strings.Builder
	for i := range m.Header.Len() {
		f := m.Header.Field(i)
		fields = append(fields, f)
		if hasPrefixFold(f.Name, "content-") || hasPrefixFold(f.Name, "mime-") {
			text.WriteString(f.Name)
			text.WriteByte(':')
			text.WriteString(f.Value)
			text.WriteByte('\r')
		}
	}
	return fields, text.String()
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
