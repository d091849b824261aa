package mail

import (
	"fmt"
	"io"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// Recipient is an envelope recipient.
type Recipient struct {
	Address string // without brackets
	AsSent  string // as the MTA sent it
	Params  string // ESMTP parameters of an added one
	added   bool   // by a script: the MTA does not know it
}

// Message is a message at its end, with the edits made so far. Reading shows the edited message; Changes tells the MTA.
type Message struct {
	Header    *protocol.HeaderEdit
	UTF8      bool // it came with SMTPUTF8 (RFC 6531)
	Truncated bool // the body goes on behind what was collected

	originalSender string
	sender         string
	senderParams   string

	recipients []Recipient
	deleted    []Recipient // of those the MTA knows

	collected *Body       // as it came
	body      mime.Source // if it was replaced

	quarantine string

	tree *Tree // nil until somebody asks for parts

	own protocol.HeaderEdit // Header, where none was collected
}

// NewMessage returns a message without edits. A nil header is one whose fields are not known. Recipients must be those the MTA knows. Nobody
// may change the recipients or the body afterwards.
func NewMessage(header *protocol.HeaderEdit, sender string, recipients []Recipient, body *Body) *Message {
	m := &Message{}
	m.Begin(header, sender, recipients, body)
	return m
}

// Begin makes m what NewMessage returns.
func (m *Message) Begin(header *protocol.HeaderEdit, sender string, recipients []Recipient, body *Body) {
	*m = Message{
		Header:         header,
		originalSender: sender,
		sender:         sender,
		recipients:     recipients[:len(recipients):len(recipients)],
		collected:      body,
	}
	if header == nil {
		m.Header = &m.own
	}
}

// Sender returns the envelope sender, "" for the null sender.
func (m *Message) Sender() string { return m.sender }

// Recipients returns the envelope recipients.
func (m *Message) Recipients() []Recipient { return m.recipients }

// Body returns the body, with CRLF line ends, as far as it was collected.
func (m *Message) Body() mime.Source {
	if m.body != nil {
		return m.body
	}
	return m.collected.Source()
}

// ChangeSender replaces the envelope sender; "" is the null sender. Params are ESMTP parameters, separated by blanks.
func (m *Message) ChangeSender(mailbox, params string) error {
	mailbox = address.Trim(mailbox)
	if mailbox != "" && mailbox != m.originalSender {
		if err := address.Check(mailbox, m.UTF8); err != nil {
			return err
		}
	}
	if err := CheckParams(params); err != nil {
		return err
	}
	m.sender, m.senderParams = mailbox, params
	return nil
}

// AddRecipient adds an envelope recipient. It returns false, and does nothing, if the address is there already.
func (m *Message) AddRecipient(mailbox, params string) (bool, error) {
	mailbox = address.Trim(mailbox)
	if err := CheckParams(params); err != nil {
		return false, err
	}
	if contains(m.recipients, mailbox) {
		return false, nil
	}
	if contains(m.deleted, mailbox) {
		if params == "" {
			m.restore(mailbox)
			return true, nil
		}
	} else if err := address.Check(mailbox, m.UTF8); err != nil {
		return false, err
	}
	m.recipients = append(m.recipients, Recipient{Address: mailbox, Params: params, added: true})
	return true, nil
}

// restore takes a deletion back. A recipient that the envelope had several times was deleted as a whole, and comes back as a whole.
func (m *Message) restore(mailbox string) {
	back, gone := split(m.deleted, mailbox)
	m.recipients, m.deleted = append(m.recipients, back...), gone
}

// DeleteRecipient removes an envelope recipient, every time it is there. It returns false if it is not.
func (m *Message) DeleteRecipient(mailbox string) (bool, error) {
	mailbox = address.Trim(mailbox)
	found, kept := split(m.recipients, mailbox)
	if len(found) == 0 {
		return false, address.Check(mailbox, true)
	}
	m.recipients = kept
	for _, r := range found {
		if !r.added {
			m.deleted = append(m.deleted, r)
		}
	}
	return true, nil
}

func contains(list []Recipient, mailbox string) bool {
	for i := range list {
		if address.Same(list[i].Address, mailbox) {
			return true
		}
	}
	return false
}

// split returns the recipients with that address, and the others. It does not change the list.
func split(list []Recipient, mailbox string) (same, others []Recipient) {
	for _, r := range list {
		if address.Same(r.Address, mailbox) {
			same = append(same, r)
		} else {
			others = append(others, r)
		}
	}
	return same, others
}

// ReplaceBody replaces the body. Line ends become CRLF, as on the wire, and the last line gets one; a CR inside a line stays.
func (m *Message) ReplaceBody(content string) {
	m.body = mime.Text(toCRLF(content))
}

// toCRLF returns text with every line ended by CRLF.
func toCRLF(text string) string {
	bare := strings.Count(text, "\n") - strings.Count(text, "\r\n")
	open := text != "" && text[len(text)-1] != '\n'
	if bare == 0 && !open {
		return text
	}
	var out strings.Builder
	out.Grow(len(text) + bare + 2)
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		out.WriteString(strings.TrimSuffix(line, "\r"))
		out.WriteString("\r\n")
		text = rest
	}
	return out.String()
}

// maxReason is what fits on a line of a log or a queue file.
const maxReason = 900

// Quarantine has the MTA hold the message. The reason is one line that is not empty; the last call wins.
func (m *Message) Quarantine(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("the reason is empty")
	}
	if len(reason) > maxReason {
		return fmt.Errorf("the reason has %d bytes, at most %d work; printable(text) makes it fit", len(reason), maxReason)
	}
	for i := 0; i < len(reason); i++ {
		if reason[i] < ' ' || reason[i] == 0x7f {
			return fmt.Errorf("the reason contains the control character 0x%02X; printable(text) makes it fit", reason[i])
		}
	}
	m.quarantine = reason
	return nil
}

// Quarantined reports whether the message is to be held.
func (m *Message) Quarantined() bool { return m.quarantine != "" }

// Changes returns the packets that turn the message the MTA has into the edited one, the body last.
func (m *Message) Changes(mta protocol.MTA) []protocol.Change {
	out := m.Header.Changes(mta)
	if m.sender != m.originalSender || m.senderParams != "" {
		out = append(out, protocol.ChangeSender(m.sender, m.senderParams))
	}
	gone := map[string]bool{} // the MTA removes every recipient of that name at once
	for _, r := range m.deleted {
		if !gone[r.AsSent] {
			gone[r.AsSent] = true
			out = append(out, protocol.DeleteRecipient(r.AsSent))
		}
	}
	for _, r := range m.recipients {
		if r.added {
			out = append(out, protocol.AddRecipient(r.Address, r.Params))
		}
	}
	if m.quarantine != "" {
		out = append(out, protocol.Quarantine(m.quarantine))
	}
	if m.body != nil {
		out = append(out, protocol.ReplaceBody(io.NewSectionReader(m.body, 0, m.body.Len())))
	}
	return out
}

// Snapshot returns a function that takes back every edit made since.
func (m *Message) Snapshot() (undo func()) {
	before, header := *m, m.Header.Clone() // the slices of a Message are appended to and replaced, never changed in place
	return func() {
		*m = before
		*m.Header = *header
	}
}
